// Makes one tree of a page like another, and touches nothing that is alike: so the focus, a selection, what was typed and what
// was scrolled stay. An element with `data-kept` belongs to the script and is left alone.

export const morph = (old, next) => {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if ("kept" in old.dataset || old.isEqualNode(next)) return;
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    // What is folded out stays so. The server draws no `style`, so that is the script's.
    if (!next.hasAttribute(name) && name !== "open" && name !== "style") old.removeAttribute(name);
  }
  morphChildren(old, [...next.childNodes]);
};

const morphChildren = (parent, wanted) => {
  let at = parent.firstChild;
  wanted.forEach((node, index) => {
    // What nothing that is still to come is like has gone.
    while (at && !wanted.slice(index).some((other) => isSame(at, other))) at = removed(at);
    let same = at;
    while (same && !isSame(same, node)) same = keyOf(node) ? same.nextSibling : null;
    if (same === null) return parent.insertBefore(document.adoptNode(node), at);
    if (same === at) at = at.nextSibling;
    else parent.insertBefore(same, at);
    morph(same, node);
  });
  while (at) at = removed(at);
};

const removed = (node) => {
  const next = node.nextSibling;
  node.remove();
  return next;
};

const isSame = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

// A link to another place is another link, and a form that does something else another form: whoever is about to press
// one must not find the other under the finger.
const keyOf = (node) => node.id || node.getAttribute?.("href") || node.getAttribute?.("action") || "";
