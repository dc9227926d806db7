"""A process that uses the embedded database as told on its standard input. Run by the tests.

Prints one line for each command: `start` prints the server's process id, `write` inserts a document,
`count` prints how many there are, `release` ends the use.
"""

import sys
from pathlib import Path

from deeptrace_core.store.connection import connect
from deeptrace_core.store.embedded import EmbeddedMongod
from deeptrace_core.store.mongod_process import running_pid

mongod = EmbeddedMongod(Path(sys.argv[1]), None)
uri = ""
for line in sys.stdin:
    command = line.strip()
    answer: object = "done"
    if command == "start":
        uri = mongod.start()
        answer = running_pid(mongod.folder)
    elif command == "release":
        mongod.release()
    else:
        with connect(uri) as client:
            documents = client.test.documents
            if command == "write":
                documents.insert_one({})
            else:
                answer = documents.count_documents({})
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()
