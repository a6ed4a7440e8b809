// The editor of a draft: saves without leaving the page, shows what is typed in the frame beside it, and warns before
// unsaved words are left. Without this script every button still works; nothing here makes markup out of text.
const form = document.querySelector("[data-editor]");
const switches = document.querySelector("[data-switches]");
const shown = document.querySelector("[data-window]");
const told = form.querySelector("[data-told]");
// What stands in the page was written by several people: nothing is sent anywhere but to the draft's own addresses.
const home = `${form.dataset.editor}/`;
const isOurs = (button) => !button.hasAttribute("formaction") || button.getAttribute("formaction").startsWith(home);
const showing = [...form.querySelectorAll("[data-show][formaction]")].find(isOurs);
const PAUSE = 450;

const written = () => {
  const data = new URLSearchParams(new FormData(form));
  for (const name of ["token", "version", "do", "wanted"]) data.delete(name);
  return data.toString();
};
let saved = written();
let leaving = false;
const unsaved = () => !leaving && written() !== saved;

addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

// What was said of the last save.
function tell(words, kind = "") {
  told.textContent = words;
  told.className = words ? `saving notice-line ${kind}` : "saving";
}

// Faults and findings, each at its field.
function remark(remarks) {
  for (const place of form.querySelectorAll(".fault")) {
    if (place.id) {
      place.textContent = "";
      place.hidden = true;
    } else place.remove();
  }
  for (const box of form.querySelectorAll("[aria-invalid]")) box.removeAttribute("aria-invalid");
  for (const one of remarks) {
    const place = document.getElementById(`${one.where}-fault`);
    if (!place) continue;
    place.hidden = false;
    place.className = `fault ${one.severity}`;
    const words = `${one.rule ? `${one.rule} ` : ""}${one.words}`;
    place.textContent = place.textContent ? `${place.textContent} ${words}` : words;
    if (one.severity !== "warning") document.getElementById(one.where)?.setAttribute("aria-invalid", "true");
  }
}

function count(counts) {
  for (const link of document.querySelectorAll("a[data-section]")) {
    const place = link.querySelector("[data-count]");
    const number = counts[link.dataset.section] ?? 0;
    place.hidden = number === 0;
    place.firstChild.textContent = number ? String(number) : "";
  }
}

async function save() {
  const sent = written();
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "save");
  tell("Saving …");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.headers.get("content-type")?.includes("json")) throw new Error("sign in again");
    const result = await answer.json();
    if (!answer.ok) {
      tell(result.detail || result.title, "bad");
      return;
    }
    if (result.elsewhere) {
      leaving = true;
      location.assign(result.elsewhere);
      return;
    }
    saved = sent;
    if (result.words.includes("together with")) {
      // Somebody else's words are in it too: show them, unless more was typed meanwhile.
      if (written() === sent) {
        leaving = true;
        location.reload();
        return;
      }
    } else form.elements.version.value = result.version;
    tell(result.words, result.remarks.some((one) => one.severity !== "warning") ? "warn" : "good");
    remark(result.remarks);
    count(result.counts);
  } catch (error) {
    tell(`It could not be saved: ${error.message}. What you wrote is still here.`, "bad");
  }
}

form.addEventListener("submit", (event) => {
  const by = event.submitter;
  if (by && !isOurs(by)) {
    event.preventDefault();
    return;
  }
  if (by === showing) return;
  if (!by || by.value === "save") {
    event.preventDefault();
    save();
  } else leaving = true;
});
addEventListener("pageshow", () => {
  leaving = false;
});
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    save();
  }
});

// The frame: a new one for each look, so that going back leaves the page and not the frame.
let looks = 0;
let timer;
const address = showing.getAttribute("formaction");

function look() {
  const query = new URLSearchParams(new FormData(switches));
  query.delete("width");
  const old = shown.querySelectorAll("iframe");
  const next = document.createElement("iframe");
  next.className = "preview";
  next.name = `preview-${(looks += 1)}`;
  next.title = old[0].title;
  next.setAttribute("sandbox", "allow-scripts");
  next.classList.add("coming");
  shown.append(next);
  next.addEventListener("load", () => {
    for (const each of old) each.remove();
    next.classList.remove("coming");
    shown.dataset.looks = String(looks);
  });
  showing.setAttribute("formaction", `${address}?${query}`);
  showing.setAttribute("formtarget", next.name);
  form.requestSubmit(showing);
}
const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
};
form.addEventListener("input", () => {
  if (told.textContent) tell("");
  soon();
});
switches.addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
switches.addEventListener("change", (event) => {
  if (event.target.name === "width") widen();
  else look();
});

// What is looked at stays so from section to section, for as long as the window is open.
const LOOK = "editor-look";
const KEPT = ["theme", "regime", "layer", "width"];
switches.addEventListener("change", () => {
  sessionStorage.setItem(LOOK, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, switches.elements[name].value]))));
});
const kept = JSON.parse(sessionStorage.getItem(LOOK) ?? "{}");
let isOther = false;
for (const name of KEPT) {
  const box = switches.elements[name];
  const before = box.value;
  if ([...box.options].some((option) => option.value === kept[name])) box.value = kept[name];
  isOther ||= name !== "width" && box.value !== before;
}
if (isOther) look();

// Widths that the column has no room for are shown smaller, as a whole.
function widen() {
  const width = Number(switches.elements.width.value);
  shown.dataset.width = String(width);
  shown.style.setProperty("--scale", String(Math.min(1, shown.clientWidth / width)));
}
if (!kept.width && shown.clientWidth < 480) switches.elements.width.value = "320";
new ResizeObserver(widen).observe(shown);
widen();
showing.hidden = true;
switches.querySelector("button").hidden = true;

// Colours: a box to pick from, and the contrast as it changes.
const channel = (part) => {
  const share = parseInt(part, 16) / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};
const light = (colour) =>
  0.2126 * channel(colour.slice(1, 3)) + 0.7152 * channel(colour.slice(3, 5)) + 0.0722 * channel(colour.slice(5, 7));
const contrast = (one, other) => {
  const [dark, pale] = [light(one), light(other)].sort((a, b) => a - b);
  return (pale + 0.05) / (dark + 0.05);
};
for (const box of form.querySelectorAll("[data-colour]")) {
  const line = form.querySelector(`[data-contrast="${CSS.escape(box.id)}"]`);
  const picker = document.createElement("input");
  picker.type = "color";
  picker.setAttribute("aria-label", "Pick the colour");
  box.after(picker);
  const follow = () => {
    const isColour = /^#[0-9a-f]{6}$/i.test(box.value);
    if (isColour) picker.value = box.value;
    const paper = (words) => Math.floor(contrast(box.value, words) * 100) / 100;
    line.textContent = isColour
      ? `Contrast with the paper ${paper(line.dataset.light)} : 1, of which ${line.dataset.enough} is enough; in the dark ${paper(line.dataset.dark)} : 1, where an edge makes up for less.`
      : "";
  };
  picker.addEventListener("input", () => {
    box.value = picker.value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  box.addEventListener("input", follow);
  follow();
}
