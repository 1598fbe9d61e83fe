// The review desk by keyboard: from doubt to doubt, the picture at the right place, the lease kept while somebody works.
// The pages work without it.
"use strict";

const work = document.querySelector(".work");
const viewport = document.querySelector(".viewport");

const viewer = (() => {
  const bar = document.querySelector(".viewer-bar");
  const leaves = [...document.querySelectorAll(".leaf")];
  const frame = document.createElement("div");
  frame.className = "place";
  let zoom = 1;

  function show(wanted) {
    const middle = {
      x: (viewport.scrollLeft + viewport.clientWidth / 2) / viewport.scrollWidth,
      y: (viewport.scrollTop + viewport.clientHeight / 2) / viewport.scrollHeight,
    };
    zoom = Math.min(6, Math.max(0.2, wanted));
    for (const leaf of leaves) leaf.style.width = `${zoom * 100}%`;
    viewport.scrollLeft = middle.x * viewport.scrollWidth - viewport.clientWidth / 2;
    viewport.scrollTop = middle.y * viewport.scrollHeight - viewport.clientHeight / 2;
  }

  function whole() {
    const picture = leaves[0].querySelector("img");
    show((viewport.clientHeight / viewport.clientWidth) * (picture.clientWidth / picture.clientHeight) * 0.99);
  }

  function look(entry) {
    const leaf = leaves.find((one) => one.dataset.page === entry.dataset.page);
    if (!leaf) return;
    const [left, top, width, height] = entry.dataset.place.split(" ").map(Number);
    for (const [name, share] of Object.entries({ left, top, width, height })) frame.style[name] = `${share * 100}%`;
    leaf.append(frame);
    viewport.scrollTop = leaf.offsetTop + (top + height / 2) * leaf.clientHeight - viewport.clientHeight / 2;
    viewport.scrollLeft = leaf.offsetLeft + (left + width / 2) * leaf.clientWidth - viewport.clientWidth / 2;
  }

  function move(x, y) {
    viewport.scrollBy(x * 120, y * 120);
  }

  function press(step) {
    if (step === "in") show(zoom * 1.25);
    if (step === "out") show(zoom / 1.25);
    if (step === "fit") show(1);
    if (step === "page") whole();
  }

  // The turn is kept with the document; what is being typed stays, so the page is not loaded anew.
  async function turn() {
    const middle = viewport.scrollTop + viewport.clientHeight / 2;
    const leaf = leaves.find((one) => one.offsetTop + one.clientHeight > middle) || leaves[leaves.length - 1];
    const { page } = leaf.dataset;
    if (page === "0") return;
    const body = new URLSearchParams({ csrf: work.elements.csrf.value, obroc: `${page}:1` });
    const address = `${new URL(work.action).pathname}/strony`;
    const answer = await fetch(address, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return;
    const entries = [...document.querySelectorAll(`[data-place][data-page="${page}"]`)];
    for (const entry of entries) {
      const [left, top, width, height] = entry.dataset.place.split(" ").map(Number);
      entry.dataset.place = [1 - top - height, left, height, width].join(" ");
    }
    frame.remove();
    for (const picture of [leaf, ...entries].flatMap((one) => [...one.querySelectorAll("img")])) {
      picture.src = `${picture.src.split("?")[0]}?obrot=${Date.now()}`;
    }
  }

  if (leaves.length) {
    bar.hidden = false;
    const turner = bar.querySelector("[data-turn]");
    turner.hidden = !work?.dataset.lease;
    turner.addEventListener("click", () => turn().catch(() => {}));
    bar.addEventListener("click", (event) => press(event.target.closest("button")?.dataset.zoom));
    viewport.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      press(event.deltaY < 0 ? "in" : "out");
    }, { passive: false });
    viewport.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      event.preventDefault();
      viewport.setPointerCapture(event.pointerId);
    });
    viewport.addEventListener("pointermove", (event) => {
      if (viewport.hasPointerCapture(event.pointerId)) viewport.scrollBy(-event.movementX, -event.movementY);
    });
    viewport.addEventListener("keydown", (event) => {
      const step = { "+": "in", "=": "in", "-": "out", "0": "fit" }[event.key];
      if (!step || event.altKey || event.ctrlKey) return;
      event.preventDefault();
      press(step);
    });
  }
  return { look, move };
})();

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function chord(event) {
  const code = event.code === "NumpadEnter" ? "enter" : event.code.toLowerCase();
  return [event.ctrlKey && "ctrl", event.altKey && "alt", code].filter(Boolean).join("+");
}

document.addEventListener("keydown", (event) => {
  // AltGr types Polish letters; on Windows it looks like Ctrl and Alt together.
  if (event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey) || document.querySelector("dialog[open]")) return;
  if (event.altKey && ARROWS[event.code] && viewport) {
    event.preventDefault();
    viewer.move(...ARROWS[event.code]);
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(chord(event))}"]`);
  if (!target || target.hidden) return;
  event.preventDefault();
  if (event.repeat && target.type === "submit") return; // held down since the page before
  target.click();
  if (target.tagName === "SUMMARY") target.parentElement.querySelector("textarea").focus();
});

const help = document.getElementById("skroty");
const helpButton = document.querySelector("[data-help]");
if (help && helpButton) {
  helpButton.hidden = false;
  helpButton.addEventListener("click", () => help.showModal());
}

if (work) {
  const approve = document.getElementById("zatwierdz");
  const stops = [...work.querySelectorAll("[data-stop]")];
  let sent = false;
  let active = false;

  function stop(element) {
    element.focus();
    if (element.select) element.select();
  }

  work.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || !event.target.matches("input")) return;
    if (!approve) return;
    event.preventDefault();
    const at = stops.indexOf(event.target);
    if (event.shiftKey) {
      if (at > 0) stop(stops[at - 1]);
    } else if (at >= 0 && at < stops.length - 1) {
      stop(stops[at + 1]);
    } else {
      // From a field that was only corrected on the way, go back to the first doubt instead of approving.
      at < 0 && stops.length ? stop(stops[0]) : approve.click();
    }
  });

  work.addEventListener("focusin", (event) => {
    const entry = event.target.closest("[data-place]");
    if (entry) viewer.look(entry);
  });

  work.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  const errors = document.getElementById("bledy");
  const first = errors || stops[0] || work.querySelector("[data-first]") || approve;
  if (first && !work.querySelector("[autofocus]")) stop(first);

  const prolong = async () => {
    if (!active || document.hidden) return;
    active = false;
    const body = new URLSearchParams({ csrf: work.elements.csrf.value });
    const answer = await fetch(work.dataset.prolong, { method: "POST", body });
    if (answer.status !== 409) return;
    const lost = document.getElementById("utracona");
    lost.textContent = await answer.text();
    lost.hidden = false;
  };
  if (work.dataset.lease) {
    for (const sign of ["keydown", "pointerdown", "wheel"]) {
      document.addEventListener(sign, () => { active = true; }, { passive: true });
    }
    window.setInterval(() => prolong().catch(() => {}), (Number(work.dataset.lease) / 3) * 1000);
  }

  if (work.dataset.next) {
    window.addEventListener("load", () => { new Image().src = work.dataset.next; });
  }
}
