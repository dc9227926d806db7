// The faces at the moment shown, large, and those that were kept to compare them.

const FACE_PX = 240;
const FRAMING = 1.6; // as the thumbnails of the page: some surroundings help to see a seam

class Faces {
  constructor(root, actions) {
    this.heading = root.querySelector(".now");
    this.list = root.querySelector(".beside > .faces");
    this.keptBox = root.querySelector(".kept");
    this.keptList = root.querySelector(".kept .faces");
    this.actions = actions;
    this.kept = [];
  }

  update(data, moments) {
    this.data = data;
    this.moments = moments;
    this.keptBox.querySelector("h3").textContent = data.texts.kept;
    this.drawKept();
  }

  draw(video, timeS, faces) {
    const { texts } = this.data;
    this.heading.textContent = texts.facesAt.replace("{time}", clock(timeS, 2));
    const shown = faces.filter((face) => this.moments.people.has(face.id));
    const order = [...this.moments.people.keys()];
    shown.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
    if (!shown.length) {
      const nobody = element("li", texts.nobody);
      nobody.className = "nobody";
      this.list.replaceChildren(nobody);
      return;
    }
    this.list.replaceChildren(...shown.map((face) => this.item(video, timeS, face)));
  }

  item(video, timeS, face) {
    const { texts } = this.data;
    const person = this.moments.people.get(face.id);
    const picture = this.cut(video, face.box);
    picture.setAttribute("aria-label", `${person.name}, ${clock(timeS, 2)}`);
    const keep = element("button", texts.keep);
    keep.onclick = () => {
      const copy = this.cut(video, face.box);
      this.kept = [...this.kept, { face, timeS, picture: copy }].slice(-6);
      this.drawKept();
    };
    const zoom = element("button", texts.zoom);
    zoom.onclick = () => this.actions.zoom(face.id);
    return this.card(picture, person, face, null, [keep, zoom]);
  }

  drawKept() {
    this.keptBox.hidden = !this.kept.length;
    const { texts } = this.data;
    const byPerson = [...this.kept].sort((a, b) => a.face.id - b.face.id || a.timeS - b.timeS);
    this.keptList.replaceChildren(
      ...byPerson.map((one) => {
        const person = this.moments.people.get(one.face.id);
        const go = element("button", texts.go);
        go.onclick = () => this.actions.seek(one.timeS);
        const drop = element("button", texts.drop);
        drop.onclick = () => {
          this.kept = this.kept.filter((other) => other !== one);
          this.drawKept();
        };
        return this.card(one.picture, person, one.face, one.timeS, [go, drop]);
      }),
    );
  }

  card(picture, person, face, timeS, buttons) {
    const { texts } = this.data;
    const item = document.createElement("li");
    const name = element("p", timeS === null ? person.name : `${person.name} · ${clock(timeS, 2)}`);
    name.style.fontWeight = 600;
    const [left, top, right, bottom] = face.box;
    const facts = [`${Math.round(Math.min(right - left, bottom - top))} px`];
    if (face.exact && face.sharpness !== null) facts.push(texts.sharpness.replace("{n}", Math.round(face.sharpness)));
    const said = !face.exact ? texts.between : face.score === null ? texts.small : texts.score.replace("{n}", face.score.toFixed(2));
    const line = element("p", "");
    line.append(said, document.createElement("br"), element("small", facts.join(" · ")));
    item.append(picture, name, line, ...buttons);
    return item;
  }

  // The boxes are in pixels of the original; the video shown may be a smaller copy.
  cut(video, [left, top, right, bottom]) {
    const canvas = document.createElement("canvas");
    canvas.width = FACE_PX;
    canvas.height = FACE_PX;
    canvas.setAttribute("role", "img");
    if (!video.videoWidth) return canvas;
    const scale = video.videoWidth / this.data.widthPx;
    const side = Math.max(right - left, bottom - top) * FRAMING * scale;
    const x = ((left + right) / 2) * scale - side / 2;
    const y = ((top + bottom) / 2) * scale - side / 2;
    canvas.getContext("2d").drawImage(video, x, y, side, side, 0, 0, FACE_PX, FACE_PX);
    return canvas;
  }
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  if (name === "button") made.type = "button";
  return made;
}
