// What makes pages more pleasant. Nothing needs it: every form works and says the same without a script.
"use strict";

for (const summary of document.querySelectorAll("[data-error-summary]")) summary.focus();

// A question before an act: <form data-confirm="Wirklich?"> or a button with it.
document.addEventListener("submit", (event) => {
  const asks = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (asks && !window.confirm(asks)) event.preventDefault();
});

// One click sends a form once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Time that is left: <time data-countdown-until="2026-12-03T14:00:00Z" data-countdown-over="jetzt">.
for (const clock of document.querySelectorAll("[data-countdown-until]")) {
  const until = Date.parse(clock.dataset.countdownUntil);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    clock.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : (clock.dataset.countdownOver ?? "0:00");
    if (left) return;
    clearInterval(timer);
    // What could be taken back until now no longer can.
    for (const over of document.querySelectorAll(`[data-until="${clock.dataset.countdownUntil}"]`)) over.hidden = true;
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// A menu closes when somebody clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
