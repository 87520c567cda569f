"use strict";
// Comfort only: the page can be read and followed without it.
const hint = document.getElementById("hint");

// A link leads to a candidate that may lie in closed parts: open them and the candidate itself.
function reveal() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let element = target; element; element = element.parentElement) {
    if (element.tagName === "DETAILS") element.open = true;
  }
  target.scrollIntoView({ block: "start" });
  target.querySelector("summary")?.focus({ preventScroll: true });
}
addEventListener("hashchange", reveal);
addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.getAttribute("href") === location.hash) reveal();
});
reveal();

// What a point of the chart is, under the pointer or with the keyboard's focus.
function show(mark) {
  hint.textContent = mark.getAttribute("aria-label");
  hint.hidden = false;
  const box = mark.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - hint.offsetWidth - 8);
  const above = box.top - hint.offsetHeight - 8;
  hint.style.left = `${Math.max(8, left)}px`;
  hint.style.top = `${above > 8 ? above : box.bottom + 8}px`;
}
function hide() {
  hint.hidden = true;
}
// The pointer leaves, or the page scrolls (as focus by the keyboard makes it do): the focused point, if there is one, keeps its hint.
let dismissed = false;
function settle() {
  const point = document.activeElement?.closest(".chart a")?.querySelector("[aria-label]");
  if (point && !dismissed) show(point);
  else hide();
}
for (const mark of document.querySelectorAll(".chart [aria-label][aria-roledescription='point'], .chart [aria-label][aria-roledescription='bar']")) {
  const target = mark.closest("a") ?? mark;
  target.addEventListener("mouseenter", () => show(mark));
  target.addEventListener("mouseleave", settle);
  target.addEventListener("focus", () => {
    dismissed = false;
    show(mark);
  });
  target.addEventListener("blur", hide);
  if (target !== mark) target.setAttribute("aria-label", mark.getAttribute("aria-label"));
}
addEventListener("scroll", settle, { passive: true });
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  dismissed = true;
  hide();
});

// Paper cannot be clicked: the tracks and the final script are opened for printing.
const opened = [];
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.track:not([open]), #script details:not([open]), #setup details:not([open])")) {
    part.open = true;
    opened.push(part);
  }
});
addEventListener("afterprint", () => {
  for (const part of opened.splice(0)) part.open = false;
});
