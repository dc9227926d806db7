// Files in chunks, one file after the other: with progress, and on and on until all of it has arrived.
// `data`: where to send, the ticket that allows it, the size limit, and every text.

const FIRST_WAIT_S = 1;
const LONGEST_WAIT_S = 10;
const SILENCE_MS = 30_000; // a chunk that does not move for so long is sent again
const SPEED_OVER_MS = 3_000;
const KEPT = "deeptrace-upload:";

export default function ({ parentElement, data, setStateValue }) {
  // Called anew for each run of the page, on the same element.
  parentElement.deeptrace ??= new Uploader(parentElement);
  parentElement.deeptrace.update(data, setStateValue);
}

class Uploader {
  constructor(root) {
    this.root = root;
    this.items = [];
    this.drop = root.querySelector(".drop");
    this.input = root.querySelector("input");
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      this.input.value = ""; // so that the same file can be chosen again
    });
    // Anywhere on the page: who misses the zone would leave for the video itself.
    for (const name of ["dragover", "dragleave", "drop"]) window.addEventListener(name, (event) => this.dragged(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.isHere() && this.current) event.preventDefault();
    });
  }

  update(data, setStateValue) {
    this.data = data;
    this.setStateValue = setStateValue;
    this.root.querySelector(".say").textContent = data.texts.empty;
    this.root.querySelector(".choose span").textContent = data.texts.choose;
    this.input.accept = data.accept;
  }

  dragged(event) {
    if (!this.isHere() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.drop.classList.toggle("over", event.type === "dragover");
    if (event.type === "drop") this.add(event.dataTransfer.files);
  }

  isHere() {
    return (this.root.host ?? this.root).isConnected;
  }

  add(files) {
    for (const file of files) this.items.push(new Item(this, file));
    this.tell();
    this.run();
  }

  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    item.cancel();
    this.tell();
  }

  async run() {
    if (this.current) return;
    while ((this.current = this.items.find((item) => item.state === "waiting"))) {
      await this.current.send();
      this.tell();
    }
  }

  // What the page has to know: which uploads are complete, and whether there is more to come.
  tell() {
    const done = this.items.filter((item) => item.state === "done").map((item) => item.id);
    const active = this.items.some((item) => !["done", "refused"].includes(item.state));
    this.drop.classList.toggle("small", this.items.length > 0);
    if (this.isHere()) this.setStateValue("files", { done, active });
  }

  say(text) {
    this.root.querySelector(".aloud").textContent = text;
  }
}

class Item {
  constructor(uploader, file) {
    this.uploader = uploader;
    this.file = file;
    this.key = `${KEPT}${file.name}:${file.size}:${file.lastModified}`;
    this.have = 0; // what the server has
    this.sent = 0; // and what is on its way to it
    this.samples = [];
    this.line = document.createElement("li");
    this.line.innerHTML =
      '<p class="name"><span></span> <small></small></p><button type="button"></button>' +
      '<div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div><p class="state"></p>';
    this.line.querySelector(".name span").textContent = file.name;
    this.line.querySelector("small").textContent = size(file.size);
    this.line.querySelector(".bar").setAttribute("aria-label", file.name);
    this.line.querySelector("button").addEventListener("click", () => uploader.remove(this));
    uploader.root.querySelector(".files").append(this.line);
    const tooLarge = file.size > uploader.data.maxBytes;
    this.enter(tooLarge ? "refused" : "waiting", tooLarge ? uploader.data.texts.tooLarge : "");
  }

  get over() {
    return this.state === "cancelled" || !this.uploader.isHere();
  }

  enter(state, text = "") {
    if (this.state === "cancelled") return;
    const changed = this.state !== state;
    this.state = state;
    this.text = text || this.uploader.data.texts[state];
    this.line.className = state;
    const button = this.line.querySelector("button");
    button.textContent = this.uploader.data.texts[state === "done" || state === "refused" ? "remove" : "cancel"];
    button.setAttribute("aria-label", `${button.textContent}: ${this.file.name}`);
    this.draw();
    // Read aloud is what needs ears: not every percent.
    if (changed && ["lost", "refused", "done"].includes(state)) this.uploader.say(`${this.file.name}: ${this.line.querySelector(".state").textContent}`);
  }

  draw() {
    const percent = this.file.size ? Math.floor((100 * this.sent) / this.file.size) : 100;
    const bar = this.line.querySelector(".bar");
    bar.setAttribute("aria-valuenow", percent);
    bar.firstChild.style.width = `${percent}%`;
    const speed = this.speed();
    this.line.querySelector(".state").textContent = this.text
      .replace("{percent}", percent)
      .replace(" · {speed}/s", speed ? ` · ${size(speed, 0)}/s` : "");
  }

  speed() {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    return last && last.at > first.at ? (1000 * (last.sent - first.sent)) / (last.at - first.at) : 0;
  }

  moved(sent) {
    this.sent = sent;
    const at = performance.now();
    this.samples = [...this.samples.filter((sample) => at - sample.at < SPEED_OVER_MS), { at, sent }];
    if (this.state === "lost") this.enter("sending");
    this.draw();
  }

  async send() {
    for (let wait_s = FIRST_WAIT_S; !this.over; ) {
      try {
        await this.findPlace();
        this.samples = [];
        // After a break it is first seen to move again, then said.
        if (this.state !== "lost") this.enter("sending");
        while (this.have < this.file.size && !this.over) {
          await this.sendChunk();
          wait_s = FIRST_WAIT_S;
        }
        if (this.over) return;
        this.enter("checking");
        await this.ask("POST", `/${this.id}/finish`);
        localStorage.removeItem(this.key);
        this.enter("done");
        return;
      } catch (problem) {
        if (this.over) return;
        if (problem.status === 404) this.forget();
        else if (problem.status >= 400 && problem.status < 500 && problem.status !== 409) {
          this.forget();
          this.enter("refused", `${problem.title ?? ""} ${problem.detail ?? ""}`);
          return;
        } else if (await this.isUnreadable()) {
          this.enter("refused", this.uploader.data.texts.unreadable);
          return;
        }
        if (problem.status !== 409) this.enter("lost", problem.status ? `${problem.title} ${problem.detail}` : "");
        await new Promise((after) => setTimeout(after, 1000 * (problem.status === 409 ? 0.2 : wait_s)));
        wait_s = Math.min(2 * wait_s, LONGEST_WAIT_S);
      }
    }
  }

  // Where to go on: where the server says, for an upload of this visit or of one before.
  async findPlace() {
    this.id ??= localStorage.getItem(this.key);
    const wish = { name: this.file.name, sizeBytes: this.file.size };
    const place = this.id ? await this.ask("GET", `/${this.id}`) : await this.ask("POST", "", JSON.stringify(wish));
    this.id = place.id;
    localStorage.setItem(this.key, this.id);
    this.have = this.sent = place.have;
  }

  async sendChunk() {
    const chunk = this.file.slice(this.have, this.have + this.uploader.data.chunkBytes);
    const answer = await this.ask("PUT", `/${this.id}?offset=${this.have}`, chunk, (loaded) => this.moved(this.have + loaded));
    this.have = answer.have;
    this.moved(this.have);
  }

  // XMLHttpRequest, since fetch tells nothing of how much is sent.
  ask(method, path, body = null, onProgress = () => {}) {
    return new Promise((resolve, reject) => {
      const request = (this.request = new XMLHttpRequest());
      const stop = () => request.abort();
      let silence = setTimeout(stop, SILENCE_MS);
      request.open(method, this.uploader.data.url + path);
      request.setRequestHeader("Authorization", `Ticket ${this.uploader.data.ticket}`);
      request.upload.onprogress = (event) => {
        clearTimeout(silence);
        silence = setTimeout(stop, SILENCE_MS);
        onProgress(event.loaded);
      };
      // The whole is sent; storing it may take its time.
      request.upload.onload = () => clearTimeout(silence);
      request.onloadend = () => {
        clearTimeout(silence);
        let answer = {};
        try {
          answer = JSON.parse(request.responseText || "{}");
        } catch {
          // A proxy answered in its own words: its status says enough.
        }
        if (request.status >= 200 && request.status < 300) resolve(answer);
        else reject({ ...answer, status: answer.code ? request.status : 0 });
      };
      request.send(body);
    });
  }

  async isUnreadable() {
    try {
      await this.file.slice(0, 1).arrayBuffer();
      return false;
    } catch {
      return true;
    }
  }

  forget() {
    localStorage.removeItem(this.key);
    this.id = null;
    this.have = this.sent = 0;
  }

  cancel() {
    const { id, state } = this;
    this.line.remove();
    this.state = "cancelled";
    this.request?.abort();
    if (id && state !== "done") this.ask("DELETE", `/${id}`).catch(() => {});
    this.forget();
  }
}

function size(bytes, digits = 1) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(digits)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
