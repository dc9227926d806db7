// What is known of each moment: which faces, where, and how they scored. No drawing.

class Moments {
  constructor(data) {
    const { frames, faces, people } = data;
    this.times = frames.time_s;
    this.indices = frames.index;
    this.frameS = data.frameS;
    this.durationS = data.durationS;
    this.people = new Map(people.map((person) => [person.id, person]));
    this.faces = this.times.map(() => []);
    this.courses = new Map(people.map((person) => [person.id, []]));
    for (let n = 0; n < faces.frame.length; n += 1) {
      const face = {
        id: faces.track_id[n], box: faces.box[n], score: faces.score[n], sharpness: faces.sharpness[n],
        frame: faces.frame[n],
      };
      this.faces[face.frame].push(face);
      this.courses.get(face.id)?.push(face);
    }
    // Between two looks at a person that are this far apart nobody knows where the face was.
    const steps = this.times.slice(1).map((time, n) => time - this.times[n]).sort((a, b) => a - b);
    this.stepS = steps.length ? steps[Math.floor(steps.length / 2)] : 0;
  }

  // The last examined frame that is not after the time; -1 before the first.
  at(timeS) {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] <= timeS + 1e-4) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  isExamined(timeS) {
    const frame = this.at(timeS);
    return frame >= 0 && timeS - this.times[frame] < this.frameS / 2 + 1e-4;
  }

  nearest(timeS) {
    const before = Math.max(this.at(timeS), 0);
    const after = Math.min(before + 1, this.times.length - 1);
    return timeS - this.times[before] <= this.times[after] - timeS ? before : after;
  }

  // The faces at a time: where they were measured, or halfway between two measurements of one person.
  facesAt(timeS) {
    const frame = this.at(timeS);
    if (frame < 0) return [];
    const exact = this.isExamined(timeS);
    if (exact || frame + 1 === this.times.length) {
      return exact ? this.faces[frame].map((face) => ({ ...face, exact })) : [];
    }
    const [start, end] = [this.times[frame], this.times[frame + 1]];
    if (end - start > 3 * this.stepS) return [];
    const share = (timeS - start) / (end - start);
    const later = new Map(this.faces[frame + 1].map((face) => [face.id, face]));
    return this.faces[frame]
      .filter((face) => later.has(face.id))
      .map((face) => {
        const box = face.box.map((side, n) => side + share * (later.get(face.id).box[n] - side));
        return { ...face, box, exact };
      });
  }
}
