// Holds the one event stream of a browser, as a worker that all its pages share: a browser has six connections to a server
// that speaks HTTP/1.1, and a stream keeps one. It ends with the last page on which something can change.
"use strict";

// Milliseconds: what is told to the pages is gathered for so long; a stream that is silent for longer than three of the
// server's heartbeats has lost its server; a refused stream is asked for again.
const gathering = 250;
const silence = 50_000;
const again = 5_000;

const pages = new Set();
let events = null;
let position = null;
let heardAt = 0;
let news = null;

const tell = (message) => pages.forEach((page) => page.postMessage(message));

const note = (kind, job) => {
  if (news === null) {
    news = { all: false, jobs: new Set(), steps: new Set(), logs: new Set() };
    setTimeout(() => {
      tell({ news });
      news = null;
    }, gathering);
  }
  if (kind === "reset") news.all = true;
  else news[kind].add(job);
};

const open = () => {
  events?.close();
  events = new EventSource(`/events?${new URLSearchParams({ heartbeat: "event", last_event_id: position })}`);
  heardAt = Date.now();
  const hear = (kind, read) => events.addEventListener(kind, (event) => {
    heardAt = Date.now();
    position = event.lastEventId || position;
    read(event);
  });
  hear("open", () => tell({ isOpen: true }));
  hear("heartbeat", () => {});
  hear("reset", () => note("reset"));
  hear("job", (event) => note("jobs", JSON.parse(event.data).id));
  hear("step", (event) => note("steps", JSON.parse(event.data).job));
  hear("log", (event) => note("logs", JSON.parse(event.data).job));
  events.addEventListener("error", () => tell({ isOpen: false }));
};

setInterval(() => {
  if (events === null) return;
  if (Date.now() - heardAt < silence) {
    // Another answer than a stream ends it for good (a proxy whose server restarts, a session that is over).
    if (events.readyState === EventSource.CLOSED) open();
    return;
  }
  tell({ isOpen: false });
  open();
}, again);

addEventListener("connect", ({ ports: [page] }) => {
  page.addEventListener("message", ({ data }) => {
    if (data.leaves) {
      pages.delete(page);
      if (pages.size > 0) return;
      events?.close();
      events = null;
      return;
    }
    pages.add(page);
    // A page that was drawn at another moment than the stream has reached is drawn again rather than left behind.
    if (events !== null && data.position !== position) page.postMessage({ news: { all: true } });
    if (events === null || events.readyState === EventSource.CLOSED) {
      position = data.position;
      open();
    } else if (events.readyState === EventSource.OPEN) {
      page.postMessage({ isOpen: true });
    }
  });
  page.start();
});
