// Makes forms that already work nicer: tells a slip as soon as a field is left, and sends nothing twice.
"use strict";

// While a finger or a button of the mouse is down nothing may move, or the click would miss what it was meant for.
let released = Promise.resolve();
document.addEventListener("pointerdown", () => {
  released = new Promise((resolve) => {
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => setTimeout(resolve), { once: true });
    }
  });
});

async function judge(input, address) {
  const value = input.value;
  let message = null;
  let question = null;
  if (value.trim() !== "") {
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: input.name, value }),
      });
      if (!answer.ok) return;
      ({ message, question } = await answer.json());
    } catch {
      return; // without a connection the server judges when the form is sent
    }
  }
  await released;
  if (input.value === value) tell(input, message, question);
}

function tell(input, message, question = null) {
  const told = document.getElementById(`${input.id}-blad`);
  told.textContent = message ?? question ?? "";
  told.classList.toggle("asked", message === null && question !== null);
  input.closest(".field").classList.toggle("faulty", message !== null);
  if (message === null) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
}

for (const form of document.querySelectorAll("form[data-check]")) {
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type === "checkbox") tell(input, null);
    else if (input.matches("input")) judge(input, form.dataset.check);
  });
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
    setTimeout(() => delete form.dataset.sent, 3000); // whoever stopped the sending may try again
  });
}

// A page that comes back with the back button may send again; the server sees to it that nothing counts twice.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const input = document.getElementById(button.dataset.copy);
    input.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(input.value);
    else document.execCommand("copy");
    document.getElementById("skopiowano").textContent = button.dataset.copied;
  });
}

