"use strict";

// Pages before sending: seen, put in order, taken out again; then their way to the server is shown.
// Without this script the form sends the chosen files by itself.
(() => {
  const form = document.getElementById("sending");
  const input = document.getElementById("file");
  const choosing = document.getElementById("choosing");
  const list = document.getElementById("pages");
  const told = document.getElementById("told");
  const wrong = document.getElementById("wrong");
  const wrongText = document.getElementById("wrong-text");
  const beside = document.getElementById("file-error");
  const underWay = document.getElementById("under-way");
  const bar = document.getElementById("bar");
  const barLabel = document.getElementById("bar-label");
  const send = form.querySelector("button[type=submit]");
  const mostBytes = Number(form.dataset.mostBytes);
  const mostPhotos = Number(form.dataset.mostPhotos);
  const heavy = 1572864; // bytes of a photo above which it is worth making smaller
  const longest = 3508; // pixels of a sheet of A4 at 300 to the inch: what reading can use
  let files = [];
  let making = Promise.resolve();

  const megabytes = (bytes) => `${(bytes / 1048576).toFixed(1).replace(".", ",")} MB`;
  const isPhoto = (file) => /^image\/(?!tiff)/.test(file.type) || /\.(jpe?g|png|hei[cf])$/i.test(file.name);

  function button(text, label, act, disabled = false) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button secondary small-button";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    made.disabled = disabled;
    made.addEventListener("click", act);
    return made;
  }

  function refuse(message) {
    wrongText.textContent = beside.textContent = message;
    wrong.hidden = beside.hidden = false;
    choosing.classList.add("faulty");
    if (!document.title.startsWith("Błąd: ")) document.title = `Błąd: ${document.title}`;
    wrong.focus();
  }

  function accept() {
    wrong.hidden = beside.hidden = true;
    choosing.classList.remove("faulty");
    document.title = document.title.replace(/^Błąd: /, "");
  }

  // What the server would refuse anyway is told before minutes are spent on sending it.
  function fault() {
    if (!files.length) return "Wybierz plik PDF albo zdjęcia swojego formularza.";
    if (files.length > mostPhotos) return `Razem można wysłać najwyżej ${mostPhotos} zdjęć. Usuń niepotrzebne.`;
    if (files.length > 1 && !files.every(isPhoto)) {
      return "Razem można wysłać tylko zdjęcia (JPEG, PNG albo HEIC). Plik PDF albo TIFF wyślij osobno.";
    }
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (bytes > mostBytes) {
      return `Wybrane pliki mają razem ${megabytes(bytes)}, a można wysłać najwyżej ${megabytes(mostBytes)}. Usuń część albo zmniejsz zdjęcia.`;
    }
    return null;
  }

  function preview(file) {
    const frame = document.createElement("span");
    frame.className = "preview";
    frame.textContent = file.name.split(".").pop().toUpperCase().slice(0, 4);
    if (isPhoto(file)) {
      const image = new Image();
      const address = URL.createObjectURL(file);
      image.alt = "";
      image.addEventListener("load", () => { frame.replaceChildren(image); URL.revokeObjectURL(address); });
      image.addEventListener("error", () => URL.revokeObjectURL(address));
      image.src = address;
    }
    return frame;
  }

  function move(from, to) {
    files.splice(to, 0, ...files.splice(from, 1));
    show(`Strona ${from + 1} jest teraz stroną ${to + 1}.`);
    const buttons = [...list.children[to].querySelectorAll("button")];
    (buttons.find((each) => each.dataset.way === String(Math.sign(to - from)) && !each.disabled) ?? buttons.find((each) => !each.disabled)).focus();
  }

  function remove(at) {
    files.splice(at, 1);
    show(`Usunięto stronę ${at + 1}.`);
    (list.querySelector(`li:nth-child(${Math.max(1, at)}) button:last-of-type`) ?? choosing.querySelector("button")).focus();
  }

  function show(message) {
    list.replaceChildren(...files.map((file, at) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "page-name";
      const title = document.createElement("strong");
      title.textContent = files.length > 1 ? `Strona ${at + 1}` : "Plik";
      const detail = document.createElement("span");
      detail.className = "small";
      detail.textContent = `${file.name}, ${megabytes(file.size)}`;
      name.append(title, detail);
      const buttons = document.createElement("span");
      buttons.className = "page-buttons";
      if (files.length > 1) {
        const earlier = button("wcześniej", `Przesuń stronę ${at + 1} wcześniej`, () => move(at, at - 1), at === 0);
        const later = button("dalej", `Przesuń stronę ${at + 1} dalej`, () => move(at, at + 1), at === files.length - 1);
        earlier.dataset.way = "-1";
        later.dataset.way = "1";
        buttons.append(earlier, later);
      }
      buttons.append(button("Usuń", `Usuń: ${title.textContent}`, () => remove(at)));
      item.append(preview(file), name, buttons);
      return item;
    }));
    list.hidden = !files.length;
    told.textContent = message;
    const found = files.length ? fault() : null;
    if (found) refuse(found); else accept();
  }

  // A phone's photo takes minutes on a slow line. One that this browser cannot draw (HEIC) is sent as it is.
  async function smaller(file) {
    if (!isPhoto(file) || file.size < heavy) return file;
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#ffffff"; // under what a PNG leaves open
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
      if (!made || made.size > 0.8 * file.size) return file;
      return new File([made], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
    } catch {
      return file;
    }
  }

  function add(event) {
    const added = [...event.target.files];
    event.target.value = "";
    if (!added.length) return;
    send.disabled = true;
    if (added.some((file) => isPhoto(file) && file.size >= heavy)) told.textContent = "Przygotowujemy zdjęcia…";
    making = making.then(async () => {
      for (const file of added) files.push(await smaller(file)); // one after the other: a photo takes much memory
      send.disabled = false;
      show(`Dodano: ${added.length}. Razem: ${files.length}.`);
    });
  }

  function busy(yes) {
    underWay.hidden = !yes;
    for (const each of form.querySelectorAll("button")) each.disabled = yes;
    if (!yes) show("");
  }

  function upload() {
    const body = new FormData();
    body.append("key", form.elements.key.value);
    for (const file of files) body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    const failed = (message) => { busy(false); refuse(message); };
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = Math.floor((100 * event.loaded) / event.total);
      bar.value = share;
      barLabel.textContent = share < 100 ? `Wysyłanie: ${share}%` : "Plik dotarł, sprawdzamy go…";
    });
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status === 200 && answer?.place) {
        told.textContent = "Plik dotarł.";
        window.location.assign(answer.place);
        return;
      }
      failed(answer?.problems?.[0]?.message ?? answer?.detail ?? "Coś poszło nie tak po naszej stronie. Spróbuj ponownie za kilka minut.");
    });
    request.addEventListener("error", () => failed("Połączenie zostało przerwane. Sprawdź internet i naciśnij „Wyślij” jeszcze raz: ten sam plik nie trafi do nas dwa razy."));
    accept();
    bar.value = 0;
    barLabel.textContent = "Wysyłanie…";
    told.textContent = "Wysyłanie rozpoczęte.";
    busy(true);
    request.send(body);
  }

  const buttons = document.createElement("div");
  buttons.className = "buttons choosing-buttons";
  buttons.setAttribute("role", "group");
  buttons.setAttribute("aria-labelledby", "file-label");
  buttons.setAttribute("aria-describedby", "file-hint");
  if (window.matchMedia("(pointer: coarse)").matches) {
    const camera = document.createElement("input");
    camera.type = "file";
    camera.id = "camera";
    camera.accept = "image/*";
    camera.capture = "environment";
    camera.hidden = true;
    camera.addEventListener("change", add);
    choosing.append(camera);
    buttons.append(button("Zrób zdjęcie", "", () => camera.click()));
  }
  buttons.append(button("Wybierz zdjęcia lub plik", "", () => input.click()));
  input.hidden = true;
  input.required = false;
  input.addEventListener("change", add);
  choosing.append(buttons);
  wrongText.addEventListener("click", (event) => {
    event.preventDefault();
    buttons.querySelector("button").focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.disabled) return;
    const found = fault();
    if (found) refuse(found); else upload();
  });
})();
