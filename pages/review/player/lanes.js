// The timeline: one lane a person, with score, range, threshold, suspicious segments and gaps. Below it the
// lanes of the sound, which come as they are to be drawn, and have the same axis.

const LANE_PX = 46;
const AXIS_PX = 22;
const LABEL_PX = 15;
const BAR_PX = 16; // where nobody has a lane

class Lanes {
  constructor(canvas, sound, seek) {
    this.canvas = canvas;
    this.sound = sound;
    this.seek = seek;
    this.listen(canvas);
  }

  listen(lane) {
    lane.addEventListener("pointerdown", (event) => {
      lane.setPointerCapture(event.pointerId);
      this.pointed(event);
    });
    lane.addEventListener("pointermove", (event) => {
      if (event.buttons === 1) this.pointed(event);
    });
  }

  pointed(event) {
    const box = event.currentTarget.getBoundingClientRect();
    const timeS = ((event.clientX - box.left) / box.width) * this.moments.durationS;
    // A frame that was examined catches the pointer: that is where the scores are.
    const examined = this.moments.times[this.moments.nearest(timeS)];
    const distancePx = (Math.abs(examined - timeS) / this.moments.durationS) * box.width;
    this.seek(distancePx < 6 ? examined : timeS);
  }

  update(data, moments) {
    this.data = data;
    this.moments = moments;
    this.background = null;
    if (this.soundHtml !== data.soundHtml) {
      this.soundHtml = data.soundHtml;
      this.sound.innerHTML = data.soundHtml;
      this.sound.querySelectorAll(".dt-lane").forEach((lane) => this.listen(lane));
    }
    this.canvas.setAttribute("aria-label", data.texts.timeline);
    this.canvas.setAttribute("aria-valuemax", data.durationS.toFixed(2));
  }

  draw(timeS, spoken) {
    const widthPx = this.canvas.clientWidth;
    if (!widthPx || !this.data) return;
    const heightPx = (this.data.people.length * LANE_PX || BAR_PX) + AXIS_PX;
    const dense = window.devicePixelRatio || 1;
    const stale = !this.background || this.background.widthPx !== widthPx || this.background.dense !== dense;
    if (stale) {
      this.canvas.width = widthPx * dense;
      this.canvas.height = heightPx * dense;
      this.canvas.style.height = `${heightPx}px`;
      this.background = { picture: this.painted(widthPx, heightPx, dense), widthPx, dense };
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.background.picture, 0, 0);
    pen.scale(dense, dense);
    const x = this.x(timeS, widthPx);
    if (!this.data.people.length) {
      pen.fillStyle = this.data.colours.quiet;
      pen.fillRect(0, 0, x, BAR_PX - 3);
    }
    pen.fillStyle = this.data.colours.text;
    pen.fillRect(x - 1, 0, 2, heightPx - AXIS_PX);
    pen.beginPath();
    pen.moveTo(x - 5, heightPx - AXIS_PX + 6);
    pen.lineTo(x + 5, heightPx - AXIS_PX + 6);
    pen.lineTo(x, heightPx - AXIS_PX - 1);
    pen.fill();
    this.sound.style.setProperty("--now", `${100 * this.x(timeS, 1)}%`);
    this.canvas.setAttribute("aria-valuenow", timeS.toFixed(2));
    this.canvas.setAttribute("aria-valuetext", spoken);
  }

  x(timeS, widthPx) {
    return this.moments.durationS ? Math.min(timeS / this.moments.durationS, 1) * widthPx : 0;
  }

  painted(widthPx, heightPx, dense) {
    const picture = document.createElement("canvas");
    picture.width = widthPx * dense;
    picture.height = heightPx * dense;
    const pen = picture.getContext("2d");
    pen.scale(dense, dense);
    this.data.people.forEach((person, number) => {
      pen.save();
      pen.translate(0, number * LANE_PX);
      this.paintLane(pen, person, widthPx);
      pen.restore();
    });
    if (!this.data.people.length) {
      pen.fillStyle = this.data.colours.gap;
      pen.fillRect(0, 0, widthPx, BAR_PX - 3);
    }
    this.paintAxis(pen, widthPx, heightPx);
    return picture;
  }

  paintLane(pen, person, widthPx) {
    const { colours, threshold } = this.data;
    const bottom = LANE_PX - 5;
    const y = (score) => bottom - score * (bottom - LABEL_PX);
    pen.fillStyle = colours.lane;
    pen.fillRect(0, 0, widthPx, LANE_PX - 3);
    this.paintGaps(pen, person, widthPx);
    for (const segment of this.data.segments.filter((one) => one.track_id === person.id)) {
      const [from, to] = [this.x(segment.first_s, widthPx), this.x(segment.last_s, widthPx)];
      this.hatch(pen, from - 2, to + 2, colours.signs);
    }
    if (person.low !== null) {
      pen.fillStyle = person.colour;
      pen.globalAlpha = 0.16;
      const [from, to] = [this.x(person.firstS, widthPx), this.x(person.lastS, widthPx)];
      pen.fillRect(from, y(person.high), Math.max(to - from, 2), Math.max(y(person.low) - y(person.high), 1));
      pen.globalAlpha = 1;
    }
    pen.strokeStyle = colours.signs;
    pen.setLineDash([5, 4]);
    pen.beginPath();
    pen.moveTo(0, y(threshold));
    pen.lineTo(widthPx, y(threshold));
    pen.stroke();
    this.paintCourse(pen, person, widthPx, y);
    pen.fillStyle = colours.text;
    pen.font = `600 12px ${this.data.font}`;
    pen.fillText(person.said, 4, 12);
  }

  paintCourse(pen, person, widthPx, y) {
    pen.strokeStyle = person.colour;
    pen.fillStyle = person.colour;
    pen.lineWidth = 1.6;
    pen.setLineDash(person.dash);
    const course = this.moments.courses.get(person.id);
    let last = null;
    pen.beginPath();
    for (const face of course) {
      if (face.score === null) {
        last = null;
        continue;
      }
      const point = [this.x(this.moments.times[face.frame], widthPx), y(face.score)];
      if (last !== null && face.frame === last + 1) pen.lineTo(...point);
      else pen.moveTo(...point);
      last = face.frame;
    }
    pen.stroke();
    pen.setLineDash([]);
    if (course.length > widthPx / 6) return;
    for (const face of course) {
      if (face.score === null) continue;
      pen.beginPath();
      pen.arc(this.x(this.moments.times[face.frame], widthPx), y(face.score), 2.2, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  // Where the person was not seen, or too small to be scored: in words where there is room.
  paintGaps(pen, person, widthPx) {
    const { times } = this.moments;
    const state = times.map(() => "absent");
    for (const face of this.moments.courses.get(person.id)) {
      state[face.frame] = face.score === null ? "small" : "scored";
    }
    let start = 0;
    for (let n = 1; n <= times.length; n += 1) {
      if (n < times.length && state[n] === state[start]) continue;
      if (state[start] !== "scored") {
        const from = start === 0 ? 0 : this.x((times[start - 1] + times[start]) / 2, widthPx);
        const to = n === times.length ? widthPx : this.x((times[n - 1] + times[n]) / 2, widthPx);
        this.paintGap(pen, from, to, this.data.texts[state[start]]);
      }
      start = n;
    }
  }

  paintGap(pen, from, to, why) {
    pen.fillStyle = this.data.colours.gap;
    pen.fillRect(from, LABEL_PX, to - from, LANE_PX - 3 - LABEL_PX);
    pen.font = `11px ${this.data.font}`;
    if (pen.measureText(why).width + 8 > to - from) return;
    pen.fillStyle = this.data.colours.quiet;
    pen.fillText(why, from + 4, LANE_PX - 12);
  }

  hatch(pen, from, to, colour) {
    pen.save();
    pen.beginPath();
    pen.rect(from, LABEL_PX, to - from, LANE_PX - 3 - LABEL_PX);
    pen.clip();
    pen.strokeStyle = colour;
    pen.globalAlpha = 0.5;
    pen.beginPath();
    for (let x = from - LANE_PX; x < to; x += 6) {
      pen.moveTo(x, LANE_PX);
      pen.lineTo(x + LANE_PX, 0);
    }
    pen.stroke();
    pen.restore();
  }

  paintAxis(pen, widthPx, heightPx) {
    const { durationS } = this.moments;
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
    const step = steps.find((one) => (one / durationS) * widthPx >= 64) ?? 7200;
    pen.fillStyle = this.data.colours.quiet;
    pen.font = `12px ${this.data.font}`;
    for (let timeS = 0; timeS <= durationS; timeS += step) {
      const said = clock(timeS, step < 1 ? 1 : 0);
      const x = this.x(timeS, widthPx);
      if (x + pen.measureText(said).width > widthPx) break;
      pen.fillText(said, x, heightPx - 5);
    }
  }
}

// "1:02.50", as the page writes times in a video.
function clock(timeS, digits) {
  const scale = 10 ** digits;
  const whole = Math.round(timeS * scale);
  const minutes = Math.floor(whole / (60 * scale));
  const seconds = ((whole - minutes * 60 * scale) / scale).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  if (minutes < 60) return `${minutes}:${seconds}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${seconds}`;
}
