// Makes a page live. Without this script the same page is drawn by the server, and reloads itself while jobs run.
"use strict";

(() => {
  const { position, job } = document.body.dataset;
  const log = document.getElementById("log");
  const connection = document.getElementById("connection");
  const isAwaited = position !== undefined;

  // Durations that go on.
  setInterval(() => {
    for (const element of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Number(element.dataset.since)) / 1000));
      const text = seconds < 60 ? `${seconds} s`
        : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
        : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);

  // The parts of the page that change are drawn by the server, once more and whole: one way to draw them, not two.
  let redraw = null;
  let isStale = false;
  const drawSoon = () => {
    isStale = true;
    if (redraw === null) redraw = setTimeout(drawAgain, 250);
  };
  const drawAgain = async () => {
    isStale = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (answer.redirected) return location.assign(answer.url);
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-live]")) {
          const next = fresh.getElementById(part.id);
          // What someone is about to press stays under their finger.
          if (next === null || part.contains(document.activeElement)) continue;
          if (next.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(next));
        }
      }
    } catch {
      isStale = true;
    }
    redraw = isStale ? setTimeout(drawAgain, 2000) : null;
  };

  // The log goes on from the byte where the server stopped. What it adds is drawn by the server too.
  let end = Number(log?.dataset.end ?? 0);
  let isReading = false;
  let hasMore = false;

  const readLog = async () => {
    if (log === null) return;
    hasMore = true;
    if (isReading) return;
    isReading = true;
    while (hasMore) {
      hasMore = false;
      try {
        const answer = await fetch(`/jobs/${job}/log?as=html&from=${end}`, { credentials: "same-origin" });
        if (!answer.ok) break;
        const added = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("pre");
        hasMore ||= Number(added.dataset.end) > end;
        append(added);
      } catch {
        break;
      }
    }
    isReading = false;
  };

  const append = (added) => {
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 40;
    // The line without an end comes again, with what it has got by now.
    log.querySelector(":scope > .unfinished")?.remove();
    log.append(...[...added.childNodes].map((node) => document.adoptNode(node)));
    end = Number(added.dataset.end);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };

  if (!isAwaited) return;
  const query = new URLSearchParams({ last_event_id: position });
  if (job !== undefined) query.set("job", job);
  const events = new EventSource(`/events?${query}`);
  const changed = () => {
    drawSoon();
    readLog();
  };
  for (const kind of ["job", "step", "reset"]) events.addEventListener(kind, changed);
  events.addEventListener("log", readLog);
  events.addEventListener("open", () => {
    connection.textContent = "";
    readLog();
  });
  events.addEventListener("error", () => {
    // A refusal ends the stream for good (a session that is over); anything else is tried again by the browser.
    connection.textContent = events.readyState === EventSource.CLOSED
      ? "Not live: reload the page." : "Not live: connecting again …";
  });
  if (log !== null) log.scrollTop = log.scrollHeight;
})();
