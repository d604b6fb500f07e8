// Makes a page live. Without this script the same page is drawn by the server, and reloads itself while jobs run.
import { holdStill } from "./hold.js";
import { Log } from "./log.js";
import { morph } from "./morph.js";

const { job } = document.body.dataset;
const pieces = document.getElementById("log");
const log = pieces && new Log(pieces, job);
const outage = document.getElementById("outage");
// Whether anything on the page can still change.
const isAwaited = () => "position" in document.body.dataset;

// Milliseconds: between two looks where no stream tells of changes, between two tries where the server does not answer, and
// the longest that an answer may take.
const look = 5_000;
const pause = 2_000;
const patience = 20_000;

// Durations that go on, as far as anybody knows.
setInterval(() => {
  if (!outage.hidden) return;
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Number(element.dataset.since)) / 1000));
    const text = seconds < 60 ? `${seconds} s`
      : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
      : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);

// The page is drawn by the server, once more and whole: one way to draw it, not two. What nobody sees waits.
let isStale = false;
let isDrawing = false;
const draw = async () => {
  isStale = true;
  if (isDrawing) return;
  isDrawing = true;
  while (isStale && !document.hidden) {
    isStale = false;
    const trouble = await drawOnce();
    outage.hidden = trouble === null;
    if (trouble === null) continue;
    const shown = document.querySelector("footer time").textContent;
    outage.textContent = `${trouble} This page shows how it was at ${shown}, and goes on by itself.`;
    isStale = isAwaited();
    await new Promise((go) => setTimeout(go, pause));
  }
  isDrawing = false;
};

const drawOnce = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(patience) });
    if (answer.redirected) return location.assign(answer.url) ?? null;
    if (!answer.ok) return `The server answers ${answer.status} now.`;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement;
    holdStill(() => morph(document.body, fresh.body));
    if (document.activeElement !== focused) refocus(focused);
    if (!isAwaited()) leave();
    return null;
  } catch {
    return "The server does not answer.";
  }
};

// What had the focus was moved, or its part has gone, and another one has the same link.
const refocus = (focused) => {
  const place = focused.getAttribute("href");
  const next = focused.isConnected ? focused : [...document.links].find((link) => link.getAttribute("href") === place);
  next?.focus({ preventScroll: true });
};

const refresh = () => {
  draw();
  log?.read();
};

// Changes are told by the one stream that all pages of the browser share. Where there is none, the page looks by itself.
let events = null;
let isTold = false;
const join = () => {
  if (!isAwaited() || !("SharedWorker" in window)) return;
  if (events === null) {
    events = new SharedWorker("/assets/events.js").port;
    events.addEventListener("message", ({ data: { isOpen, news } }) => {
      if (isOpen !== undefined) {
        isTold = isOpen;
        // What was missed is told again, but for the log's growth.
        if (isOpen) log?.read();
        else refresh();
      }
      if (!news) return;
      const isMine = news.all || (job === undefined ? news.steps.size > 0 : news.steps.has(Number(job)));
      if (isMine || news.jobs.size > 0) draw();
      if (news.all || news.logs.has(Number(job))) log?.read();
    });
    events.start();
  }
  events.postMessage({ position: document.body.dataset.position });
};
const leave = () => {
  events?.postMessage({ leaves: true });
  isTold = false;
};

join();
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  join();
  refresh();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
setInterval(() => {
  if (isAwaited() && !isTold) refresh();
}, look);
