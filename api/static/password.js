"use strict";

// A nicety: what was typed can be looked at before it is sent. Without this script there is no such box.
const row = document.getElementById("pokaz");
const box = document.getElementById("pokaz-hasla");
const fields = [...row.closest("form").querySelectorAll("[type=password]")];

const show = (visible) => fields.forEach((field) => { field.type = visible ? "text" : "password"; });

row.hidden = false;
box.addEventListener("change", () => show(box.checked));
// Browsers offer to keep only what is in a password field.
row.closest("form").addEventListener("submit", () => show(false));
