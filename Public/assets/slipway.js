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

  // The log goes on from the byte where the server stopped.
  let end = Number(log?.dataset.end ?? 0);
  let isReading = false;
  let hasMore = false;
  let style = { fg: null, bg: null, bold: false, faint: false, italic: false, underline: false };
  let partial = new Uint8Array();

  const readLog = async () => {
    if (log === null) return;
    hasMore = true;
    if (isReading) return;
    isReading = true;
    while (hasMore) {
      hasMore = false;
      try {
        const answer = await fetch(`/jobs/${job}/log?from=${end}`, { credentials: "same-origin" });
        if (!answer.ok) break;
        const bytes = new Uint8Array(await answer.arrayBuffer());
        end += bytes.length;
        append(bytes);
      } catch {
        break;
      }
    }
    isReading = false;
  };

  const append = (bytes) => {
    // Up to the last newline: lines come whole, but an answer may be cut anywhere.
    const all = new Uint8Array(partial.length + bytes.length);
    all.set(partial);
    all.set(bytes, partial.length);
    const last = all.lastIndexOf(10) + 1;
    partial = all.slice(last);
    if (last === 0) return;
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 40;
    log.append(coloured(new TextDecoder().decode(all.subarray(0, last))));
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };

  const coloured = (text) => {
    const fragment = document.createDocumentFragment();
    const pieces = text.split(/\x1b\[([0-9;:]*)m/);
    pieces.forEach((piece, index) => {
      if (index % 2 === 1) return apply(piece);
      const shown = piece.replace(/\x1b(\[[\x20-\x3f]*[\x40-\x7e])?|[\x00-\x08\x0b-\x1f]/g, "");
      if (shown === "") return;
      const names = classes();
      if (names === "") return fragment.append(shown);
      const span = document.createElement("span");
      span.className = names;
      span.textContent = shown;
      fragment.append(span);
    });
    return fragment;
  };

  const classes = () => [
    style.fg === null ? "" : `fg${style.fg}`, style.bg === null ? "" : `bg${style.bg}`,
    style.bold ? "bold" : "", style.faint ? "faint" : "", style.italic ? "italic" : "",
    style.underline ? "underline" : "",
  ].filter((name) => name !== "").join(" ");

  const apply = (parameters) => {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let index = 0; index < codes.length; index += 1) {
      const code = codes[index];
      if (code === 0) style = { fg: null, bg: null, bold: false, faint: false, italic: false, underline: false };
      else if (code === 1) style.bold = true;
      else if (code === 2) style.faint = true;
      else if (code === 3) style.italic = true;
      else if (code === 4) style.underline = true;
      else if (code === 22) style.bold = style.faint = false;
      else if (code === 23) style.italic = false;
      else if (code === 24) style.underline = false;
      else if (code >= 30 && code <= 37) style.fg = code - 30;
      else if (code >= 90 && code <= 97) style.fg = code - 82;
      else if (code === 39) style.fg = null;
      else if (code >= 40 && code <= 47) style.bg = code - 40;
      else if (code >= 100 && code <= 107) style.bg = code - 92;
      else if (code === 49) style.bg = null;
      else if (code === 38 || code === 48) {
        if (codes[index + 1] === 5) {
          style[code === 38 ? "fg" : "bg"] = codes[index + 2] < 16 ? codes[index + 2] : null;
          index += 2;
        } else if (codes[index + 1] === 2) index += 4;
      }
    }
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
