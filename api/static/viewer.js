// The pages of a document beside the form: enlarged, moved, turned, and always at the field in which the focus is.
"use strict";

const viewer = (() => {
  const viewport = document.querySelector(".viewport");
  const bar = document.querySelector(".viewer-bar");
  const leaves = [...document.querySelectorAll(".leaf")];
  const frame = document.createElement("div");
  frame.className = "place";
  const MOVES = { left: [-120, 0], right: [120, 0], up: [0, -120], down: [0, 120] };
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

  function press(step) {
    if (step === "in") show(zoom * 1.25);
    if (step === "out") show(zoom / 1.25);
    if (step === "fit") show(1);
    if (step === "page") whole();
    if (step in MOVES) viewport.scrollBy(...MOVES[step]);
  }

  // The turn is kept with the document; what is being typed stays, so the page is not loaded anew.
  async function turn() {
    const middle = viewport.scrollTop + viewport.clientHeight / 2;
    const leaf = leaves.find((one) => one.offsetTop + one.clientHeight > middle) || leaves[leaves.length - 1];
    const { page } = leaf.dataset;
    if (page === "0") return;
    const work = document.querySelector(".work");
    const body = new URLSearchParams({ csrf: work.elements.csrf.value, obroc: `${page}:1` });
    const address = `${window.location.pathname.split("/").slice(0, 4).join("/")}/strony`;
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
    turner.hidden = !document.querySelector(".work[data-lease]");
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
  return { look };
})();
