// The player: the video or the sound, boxes over the faces, buttons and keys. `data` has every number and every text.

const SPEEDS = [0.1, 0.25, 0.5, 1, 2];
const SETTLED_MS = 400;
const JUMP_FRAMES = 10;
const ZOOM = 3;

export default function ({ parentElement, data, setStateValue }) {
  // Called anew for each run of the page, on the same element.
  parentElement.deeptrace ??= new Player(parentElement);
  parentElement.deeptrace.update(data, setStateValue);
}

class Player {
  constructor(root) {
    this.root = root.querySelector(".player");
    this.video = root.querySelector("video");
    this.stage = root.querySelector(".stage");
    this.overlay = root.querySelector(".boxes");
    this.place = root.querySelector(".place");
    this.trouble = root.querySelector(".trouble");
    this.speed = root.querySelector("select");
    const [lanes, sound] = [root.querySelector(".lanes canvas"), root.querySelector(".sound")];
    this.lanes = new Lanes(lanes, sound, (timeS) => this.seek(timeS));
    this.faces = new Faces(root, { seek: (timeS) => this.seek(timeS), zoom: (id) => this.zoom(id) });
    this.showsBoxes = true;
    this.wanted = null;
    const acts = {
      play: () => this.playOrPause(),
      back: () => this.step(-1),
      on: () => this.step(1),
      previous: () => this.goToSegment(-1),
      next: () => this.goToSegment(1),
      boxes: () => this.toggleBoxes(),
      sound: () => this.toggleSound(),
    };
    this.buttons = Object.fromEntries(
      Object.entries(acts).map(([name, act]) => {
        const button = root.querySelector(`[data-act="${name}"]`);
        button.addEventListener("click", act);
        return [name, button];
      }),
    );
    this.speed.append(...SPEEDS.map((speed) => new Option(`${speed} ×`, speed, speed === 1, speed === 1)));
    this.speed.addEventListener("change", () => { this.video.playbackRate = Number(this.speed.value); });
    this.root.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["loadeddata", "seeked", "pause", "play", "ended"]) {
      this.video.addEventListener(name, () => this.changed());
    }
    this.video.addEventListener("loadedmetadata", () => this.obeySeek());
    this.video.addEventListener("error", () => this.say(this.data.texts.noVideo));
    new ResizeObserver(() => this.draw()).observe(this.stage);
  }

  update(data, setStateValue) {
    const { texts } = data;
    this.data = data;
    this.setStateValue = setStateValue;
    this.moments = new Moments(data);
    this.root.setAttribute("aria-label", texts.player);
    for (const name of ["back", "on", "previous", "next", "boxes", "sound"]) this.buttons[name].textContent = texts[name];
    for (const name of ["previous", "next"]) this.buttons[name].disabled = !data.segments.length;
    this.buttons.sound.hidden = !data.hasSound || data.isSound;
    this.root.classList.toggle("sound", data.isSound);
    if (data.isSound) this.video.muted = false;
    this.root.querySelector(".speed span").textContent = texts.speed;
    this.root.querySelector(".keys").innerHTML = texts.keysHtml;
    this.lanes.update(data, this.moments);
    this.faces.update(data, this.moments);
    if (this.video.dataset.file !== data.file) {
      // Another link to the same file, signed later, is no reason to load it again.
      this.video.dataset.file = data.file;
      this.video.src = data.url;
    }
    if (this.video.readyState) this.obeySeek();
    this.changed();
  }

  // A seek that Python asks for: each has a number of its own, and is obeyed once.
  obeySeek() {
    const { seek } = this.data;
    if (!seek || seek.number === this.obeyed) return;
    this.obeyed = seek.number;
    this.video.pause();
    this.seek(seek.timeS);
  }

  get timeS() {
    return this.wanted ?? this.video.currentTime;
  }

  // To the middle of the frame, so that no rounding shows the one before it.
  seek(timeS) {
    const latest = Math.max((this.video.duration || this.data.durationS) - this.data.frameS / 4, 0);
    this.wanted = Math.min(Math.max(timeS, 0), latest);
    this.video.currentTime = Math.min(this.wanted + this.data.frameS / 4, latest);
    this.draw();
  }

  step(frames) {
    this.video.pause();
    this.seek(this.timeS + frames * this.data.stepS);
  }

  playOrPause() {
    if (this.video.paused) {
      this.wanted = null;
      this.video.play().catch(() => this.say(this.data.texts.noVideo));
    } else this.video.pause();
  }

  goToSegment(direction) {
    const now = this.timeS;
    const peaks = this.data.segments.map((segment) => segment.peak_s).sort((a, b) => a - b);
    const found = direction > 0
      ? peaks.find((peak) => peak > now + 1e-3)
      : peaks.reverse().find((peak) => peak < now - 1e-3);
    if (found === undefined) return;
    this.video.pause();
    this.seek(found);
  }

  toggleSound() {
    this.video.muted = !this.video.muted;
    this.buttons.sound.setAttribute("aria-pressed", !this.video.muted);
  }

  toggleBoxes() {
    this.showsBoxes = !this.showsBoxes;
    this.buttons.boxes.setAttribute("aria-pressed", this.showsBoxes);
    this.draw();
  }

  zoom(id) {
    const face = this.moments.facesAt(this.timeS).find((one) => one.id === id);
    const zoomed = this.stage.style.getPropertyValue("--zoom");
    if (zoomed || !face) {
      for (const name of ["--zoom", "--x", "--y"]) this.stage.style.removeProperty(name);
      return;
    }
    const picture = this.picture();
    const [left, top, right, bottom] = face.box;
    const x = picture.left + ((left + right) / 2) * picture.scale;
    const y = picture.top + ((top + bottom) / 2) * picture.scale;
    // The origin of a scaling stays where it is; this one brings the face to the middle.
    const origin = (place, size) => Math.min(Math.max((place * ZOOM - size / 2) / (ZOOM - 1), 0), size);
    this.stage.style.setProperty("--zoom", ZOOM);
    this.stage.style.setProperty("--x", `${origin(x, this.stage.clientWidth)}px`);
    this.stage.style.setProperty("--y", `${origin(y, this.stage.clientHeight)}px`);
  }

  key(event) {
    if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = event.target instanceof HTMLButtonElement;
    const jump = event.shiftKey ? JUMP_FRAMES : 1;
    const acts = {
      ",": () => this.step(-1),
      ".": () => this.step(1),
      ArrowLeft: () => this.step(-jump),
      ArrowRight: () => this.step(jump),
      n: () => this.goToSegment(1),
      p: () => this.goToSegment(-1),
      b: () => this.toggleBoxes(),
      z: () => this.zoom(this.worst()?.id),
    };
    if (!onButton) acts[" "] = () => this.playOrPause();
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  worst() {
    const faces = this.moments.facesAt(this.timeS);
    return faces.reduce((worst, face) => ((face.score ?? -1) > (worst?.score ?? -2) ? face : worst), null);
  }

  changed() {
    this.buttons.play.textContent = this.video.paused ? this.data.texts.play : this.data.texts.pause;
    if (this.video.readyState) this.say("");
    this.draw();
    clearTimeout(this.settling);
    if (this.video.paused) {
      this.settling = setTimeout(() => this.settled(), SETTLED_MS);
    } else if (!this.following) {
      this.following = requestAnimationFrame(() => this.follow());
    }
  }

  follow() {
    this.following = null;
    if (this.video.paused) return;
    this.wanted = null;
    this.draw();
    this.following = requestAnimationFrame(() => this.follow());
  }

  settled() {
    const timeS = Number(this.timeS.toFixed(3));
    if (!this.video.readyState || timeS === this.told) return;
    this.told = timeS;
    this.setStateValue("time_s", timeS);
  }

  say(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  draw() {
    if (!this.data) return;
    const { texts } = this.data;
    const timeS = this.timeS;
    const faces = this.moments.facesAt(timeS);
    const frame = this.moments.at(timeS);
    const where = this.moments.isExamined(timeS)
      ? texts.examined.replace("{n}", this.moments.indices[frame])
      : texts.notExamined;
    this.place.textContent = this.data.isSound ? clock(timeS, 1) : `${clock(timeS, 2)} · ${where}`;
    const spoken = faces
      .filter((face) => face.exact && face.score !== null && this.moments.people.has(face.id))
      .map((face) => `${this.moments.people.get(face.id).name} ${face.score.toFixed(2)}`);
    this.lanes.draw(timeS, [clock(timeS, 2), ...spoken].join(", "));
    this.drawBoxes(faces);
    if (this.video.paused || !this.facesDrawn || performance.now() - this.facesDrawn > 250) {
      this.facesDrawn = performance.now();
      this.faces.draw(this.video, timeS, faces);
    }
  }

  // Where in the stage the picture is: beside or above it there may be black.
  picture() {
    const { widthPx, heightPx } = this.data;
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const scale = Math.min(width / widthPx, height / heightPx);
    return { scale, left: (width - widthPx * scale) / 2, top: (height - heightPx * scale) / 2 };
  }

  drawBoxes(faces) {
    const dense = window.devicePixelRatio || 1;
    this.overlay.width = this.stage.clientWidth * dense;
    this.overlay.height = this.stage.clientHeight * dense;
    if (!this.showsBoxes || !this.video.videoWidth) return;
    const pen = this.overlay.getContext("2d");
    pen.scale(dense, dense);
    pen.font = `600 13px ${this.data.font}`;
    const picture = this.picture();
    for (const face of faces) this.drawBox(pen, picture, face);
  }

  drawBox(pen, picture, face) {
    const person = this.moments.people.get(face.id);
    const [left, top, right, bottom] = face.box.map(
      (side, n) => (n % 2 ? picture.top : picture.left) + side * picture.scale,
    );
    pen.strokeStyle = person?.onVideo ?? "#ddd";
    pen.lineWidth = 2.5;
    // Solid at or above the threshold, dashed below: never told by colour alone.
    pen.setLineDash(face.score !== null && face.score >= this.data.threshold ? [] : [7, 5]);
    pen.strokeRect(left, top, right - left, bottom - top);
    if (!person) return;
    const said = face.score === null || !face.exact ? person.name : `${person.name}  ${face.score.toFixed(2)}`;
    const width = pen.measureText(said).width + 10;
    const y = top >= 20 ? top - 20 : bottom;
    pen.fillStyle = "rgb(0 0 0 / 0.78)";
    pen.fillRect(left - 1, y, width, 19);
    pen.fillStyle = "#fff";
    pen.fillText(said, left + 4, y + 14);
  }
}
