// Browsers are told to clear what they keep of us (Clear-Site-Data); what was typed is cleared here where they are deaf to it.
"use strict";
try {
  localStorage.clear();
  sessionStorage.clear();
} catch {
  // a browser that keeps nothing for us
}
