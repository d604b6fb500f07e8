// Lets a change to the page move nothing that somebody points at: the link or button under the pointer, else what is in the
// middle of a page that was scrolled.

export const holdStill = (change) => {
  const pointed = [...document.querySelectorAll(":is(a, button, input, label, summary):hover")].pop();
  const held = pointed ?? (scrollY > 0 ? document.elementFromPoint(innerWidth / 2, innerHeight / 2) : null);
  const top = held?.getBoundingClientRect().top;
  const shift = () => held.getBoundingClientRect().top - top;
  const room = document.getElementById("main").style;
  change();
  // Until the next change, a page that cannot be scrolled far enough gets the room for it.
  room.marginTop = room.marginBottom = "";
  if (!held?.isConnected) return;
  scrollBy(0, shift());
  const rest = shift();
  if (rest < 0) room.marginTop = `${-rest}px`;
  if (rest > 0) {
    room.marginBottom = `${rest + Math.max(0, innerHeight - document.body.offsetHeight)}px`;
    scrollBy(0, rest);
  }
};
