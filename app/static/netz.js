// What makes pages more pleasant. Nothing needs it: every form works and says the same without a script.
"use strict";

function inEnglish() {
  return document.documentElement.lang === "en";
}

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
  for (const box of document.querySelectorAll("form[data-working] .upload")) box.remove();
});

// Work that takes a while: <form data-working="Die Liste wird übernommen …"> says so until its answer is there.
document.addEventListener("submit", (event) => {
  const working = event.target.dataset.working;
  if (event.defaultPrevented || !working) return;
  const box = progressBox(event.target);
  box.said.textContent = working;
  box.bar.removeAttribute("value");
  box.bar.setAttribute("aria-label", working);
});

// Time that is left: <time data-countdown-until="2026-12-03T14:00:00Z" data-countdown-over="jetzt">. After it the part of
// the page whose id is in data-countdown-outcome is fetched anew a few times.
for (const clock of document.querySelectorAll("[data-countdown-until]")) {
  const until = Date.parse(clock.dataset.countdownUntil);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    clock.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : (clock.dataset.countdownOver ?? "0:00");
    if (left) return;
    clearInterval(timer);
    // What could be taken back until now no longer can.
    for (const over of document.querySelectorAll(`[data-until="${clock.dataset.countdownUntil}"]`)) over.hidden = true;
    const outcome = document.getElementById(clock.dataset.countdownOutcome);
    if (outcome) for (const seconds of [2, 5, 10, 30]) setTimeout(() => renew(outcome), seconds * 1000);
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

// Upload: sizes are checked before anything is sent, then a bar shows how far it is. The server's answer is shown as
// it comes, a page with errors as well as the page it leads to.
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    const inputs = [...form.querySelectorAll('input[type="file"]')];
    if (event.defaultPrevented || !inputs.some((input) => input.files.length)) return;
    event.preventDefault();
    const faults = inputs.map((input) => fault(input));
    if (faults.every((sentence) => !sentence)) return send(form, event.submitter);
    delete form.dataset.sent;
    inputs[faults.findIndex(Boolean)].focus();
  });
  for (const input of form.querySelectorAll('input[type="file"]')) {
    input.addEventListener("change", () => tellLinks(input, fault(input) ? [] : input.files));
  }
}

// Says which of these files will be links in the mail, as app/files/attaching.py splits them behind those kept before.
function tellLinks(input, files) {
  if (!input.dataset.attach) return;
  let room = Number(input.dataset.attach);
  const linked = [];
  const kept = [...input.form.querySelectorAll("[data-kept]:not(:checked)")].map((box) => ({ size: Number(box.dataset.kept) }));
  for (const { name, size } of [...kept, ...files]) {
    if (size <= room) room -= size;
    else if (name) linked.push(name);
  }
  let note = input.parentElement.querySelector("[data-links]");
  if (!note) {
    note = document.createElement("p");
    note.className = "kern-body kern-body--small";
    note.dataset.links = "";
    note.setAttribute("role", "status");
    input.parentElement.append(note);
  }
  const words = inEnglish() ? "Will be a link in the email, for 30 days" : "Kommt als Link in die Mail, für 30 Tage";
  note.textContent = linked.length ? `${words}: ${linked.join(", ")}` : "";
}

// Says at the field what is too much, and returns it.
function fault(input) {
  const words = inEnglish()
    ? { large: (names) => `Too large (at most ${input.dataset.limitWords} each): ${names}`, many: `Please choose at most ${input.dataset.most} files.` }
    : { large: (names) => `Zu groß (jede höchstens ${input.dataset.limitWords}): ${names}`, many: `Bitte wählen Sie höchstens ${input.dataset.most} Dateien.` };
  const large = [...input.files].filter((file) => file.size > Number(input.dataset.limit)).map((file) => file.name);
  const sentence = input.files.length > Number(input.dataset.most) ? words.many : large.length ? words.large(large.join(", ")) : "";
  let note = input.parentElement.querySelector("[data-fault]");
  if (!note) {
    note = document.createElement("p");
    note.className = "kern-error";
    note.dataset.fault = "";
    note.setAttribute("role", "alert");
    note.innerHTML = '<span class="kern-icon kern-icon--danger kern-icon--md" aria-hidden="true"></span><span class="kern-body"></span>';
    input.parentElement.append(note);
  }
  note.lastElementChild.textContent = sentence;
  note.hidden = !sentence;
  input.parentElement.classList.toggle("kern-form-input--error", Boolean(sentence));
  input.setAttribute("aria-invalid", String(Boolean(sentence)));
  return sentence;
}

function send(form, button) {
  const data = new FormData(form, button);
  const request = new XMLHttpRequest();
  const box = progressBox(form);
  request.upload.addEventListener("progress", (event) => event.lengthComputable && box.show(event.loaded / event.total));
  request.addEventListener("load", () => {
    // Who cannot be served now goes on from what stands here; a page instead of it would lose the text.
    if (request.status === 413 || request.status === 429 || request.status >= 500) return fail(refusal(request.status));
    // The answer replaces this page; the address becomes the one the server led to.
    history.replaceState(null, "", request.responseURL || form.action);
    document.open();
    document.write(request.responseText);
    document.close();
    window.scrollTo(0, 0); // where the old page was left, the new one is not read
  });
  request.addEventListener("error", () => fail(inEnglish() ? "The connection broke off." : "Die Verbindung ist abgebrochen."));
  request.open("POST", form.action);
  request.send(data);

  function fail(sentence) {
    delete form.dataset.sent;
    box.fail(sentence);
  }
}

function refusal(status) {
  if (status === 413) return inEnglish() ? "This is too much at once: please choose fewer files." : "Das ist zu viel auf einmal: Bitte wählen Sie weniger Dateien.";
  if (status === 429) return inEnglish() ? "Please wait a few minutes." : "Bitte warten Sie einige Minuten.";
  return inEnglish() ? "The portal cannot take this right now." : "Das Portal kann das gerade nicht annehmen.";
}

function progressBox(form) {
  const box = document.createElement("div");
  box.className = "kern-progress upload";
  box.innerHTML = '<p class="kern-label" role="status"></p><progress max="1" value="0"></progress>';
  form.querySelector(".upload")?.remove();
  form.append(box);
  const [said, bar] = box.children;
  bar.setAttribute("aria-label", inEnglish() ? "Upload" : "Hochladen");
  let told = -1;
  return {
    said,
    bar,
    show(part) {
      bar.value = part;
      const step = Math.floor(part * 10) * 10;
      if (step === told) return;
      told = step;
      said.textContent = step < 100 ? `${inEnglish() ? "Uploading" : "Wird hochgeladen"}: ${step} %` : inEnglish() ? "Being checked and saved ..." : "Wird geprüft und gespeichert ...";
    },
    fail(sentence) {
      bar.remove();
      const kept = inEnglish() ? "What you typed is still here: please send it again." : "Ihre Eingaben stehen noch hier: Bitte senden Sie sie noch einmal ab.";
      said.textContent = `${sentence} ${kept}`;
    },
  };
}

// Put a part of this page as it is now in its place. Returns it; undefined while there is no connection, or while somebody
// is about to press something in it, and null when it is there no more.
async function renew(part) {
  const text = await fetch(location.href, { headers: { Accept: "text/html" } }).then((answer) => answer.text(), () => null);
  if (text === null || part.contains(document.activeElement)) return undefined;
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
  if (!fresh) return null;
  for (const opened of part.querySelectorAll("details[open][id]")) fresh.querySelector(`#${opened.id}`)?.setAttribute("open", "");
  part.replaceChildren(...fresh.childNodes);
  return fresh;
}

// Something under way: <div id="x" data-poll="2"> is fetched anew every so many seconds, until it comes without the mark.
for (const part of document.querySelectorAll("[data-poll]")) {
  const look = async () => {
    const fresh = await renew(part);
    const seconds = fresh === undefined ? part.dataset.poll : fresh?.dataset.poll;
    if (seconds) setTimeout(look, seconds * 1000);
  };
  setTimeout(look, part.dataset.poll * 1000);
}

// Who gets it: <form data-recipients="/..."> asks anew when other networks are ticked, the text becomes confidential, or it
// becomes something that goes at once to those who get a digest, too.
for (const form of document.querySelectorAll("form[data-recipients]")) {
  let asked = 0;
  form.addEventListener("change", async (event) => {
    if (!["also_to", "confidential", "kind", "urgent"].includes(event.target.name)) return;
    const typed = new FormData(form);
    const chosen = new URLSearchParams(typed.getAll("also_to").map((slug) => ["also_to", slug]));
    for (const name of ["confidential", "kind", "urgent"]) if (typed.get(name)) chosen.set(name, typed.get(name));
    const turn = ++asked;
    const answer = await fetch(`${form.dataset.recipients}?${chosen}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("empfaenger");
    const shown = document.getElementById("empfaenger");
    if (!fresh || !shown || turn !== asked) return;
    fresh.querySelector("details").open = shown.querySelector("details").open;
    shown.replaceWith(fresh);
    form.querySelector("button[data-send] > .kern-label").textContent = fresh.dataset.send;
  });
}

// A frame is as high as what it shows, so that a mail is read to its end like the page: <iframe data-fit>.
for (const frame of document.querySelectorAll("iframe[data-fit]")) {
  let width;
  const fit = () => {
    const shown = frame.contentDocument?.body?.firstElementChild;
    if (!shown) return;
    frame.style.height = "0"; // a document is never lower than its frame
    frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + frame.offsetHeight - frame.clientHeight}px`;
    width = frame.clientWidth;
  };
  frame.addEventListener("load", fit);
  // A phone that shows or hides its bar of addresses changes no width; fitting anew would lose where the reader is.
  window.addEventListener("resize", () => frame.clientWidth === width || fit());
  fit();
}
