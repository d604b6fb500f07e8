// The log of a job, which goes on from the byte where the server stopped. What it adds is drawn by the server, too, in
// pieces. Whoever follows its end sees at most this much of it, however long it is:
const longest = { lines: 4000, characters: 400_000 };
// Milliseconds between two pieces. A log that is written faster is not shown whole: the server goes on at its end, and nobody
// could read that more often than once a second.
const pause = { inOrder: 250, behind: 1000 };

export class Log {
  #pieces;
  #view;
  #more = document.getElementById("log-more");
  #job;
  #end;
  #isReading = false;
  #isBehind = false;
  #held = { lines: 0, characters: 0 };

  constructor(pieces, job) {
    this.#pieces = pieces;
    this.#view = pieces.closest(".log");
    this.#job = job;
    this.#end = Number(pieces.dataset.end);
    for (const piece of pieces.querySelectorAll(":scope > .piece")) this.#count(piece, 1);
    this.#view.addEventListener("scroll", () => {
      if (this.#isBehind && this.#isAtEnd) this.read();
    });
  }

  // The view grows from its end on, so that is at 0 and what is above it at less.
  get #isAtEnd() { return this.#view.scrollTop > -40; }

  get #isFull() {
    return this.#held.lines > longest.lines || this.#held.characters > longest.characters;
  }

  // Shows what has come; one who reads further up is left in peace once the page is full.
  async read() {
    this.#isBehind = true;
    if (this.#isReading || (!this.#more.hidden && !this.#isAtEnd)) return;
    this.#isReading = true;
    if (this.#isAtEnd) this.#more.hidden = true;
    try {
      while (this.#isBehind && !document.hidden && (this.#isAtEnd || !this.#isFull)) {
        this.#isBehind = false;
        const answer = await fetch(`/jobs/${this.#job}/log?as=html&from=${this.#end}`, { signal: AbortSignal.timeout(20_000) });
        // The log was longer before the server's machine stopped.
        if (answer.status === 416) location.reload();
        if (!answer.ok) break;
        const added = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("pre");
        const isInOrder = Number(added.dataset.start) === this.#end;
        this.#isBehind ||= Number(added.dataset.end) > this.#end;
        // What is further down is not for one who reads further up.
        if (!isInOrder && !this.#isAtEnd) break;
        this.#show(added, isInOrder);
        await new Promise((go) => setTimeout(go, isInOrder ? pause.inOrder : pause.behind));
      }
    } catch {
      // Whoever draws the page again asks for the log again.
    }
    this.#isReading = false;
    this.#more.hidden = !this.#isBehind;
  }

  #show(added, isInOrder) {
    const height = this.#view.scrollHeight;
    const isAtEnd = this.#isAtEnd;
    // The line without an end comes again, with what it has got by now.
    this.#pieces.querySelector(":scope > .unfinished")?.remove();
    if (!isInOrder) while (this.#pieces.firstElementChild) this.#drop();
    for (const part of [...added.children]) {
      this.#pieces.append(document.adoptNode(part));
      if (part.className === "piece") this.#count(part, 1);
    }
    this.#end = Number(added.dataset.end);
    if (isAtEnd) while (this.#isFull && this.#pieces.childElementCount > 1) this.#drop();
    else this.#view.scrollTop -= this.#view.scrollHeight - height;
  }

  #drop() {
    this.#count(this.#pieces.firstElementChild, -1);
    this.#pieces.firstElementChild.remove();
    document.getElementById("log-cut").hidden = false;
  }

  #count(piece, sign) {
    const text = piece.textContent;
    this.#held.lines += sign * (text.split("\n").length - 1);
    this.#held.characters += sign * text.length;
  }
}
