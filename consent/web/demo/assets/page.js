// The demo's own panel: shows which cookies this page has and which optional scripts ran. Not part of the service.
"use strict";
(() => {
  const ran = [];
  let show = () => {};
  // There before any gated script can ask for it; the panel follows when the page is read.
  window.demo = {
    ran(what, purpose) {
      ran.push([what, purpose]);
      show();
    },
  };

  const GATED = 'script[type="text/plain"][data-purpose], template[data-purpose], iframe[data-purpose]:not([src])';
  const FRAME = "video frame";
  const MEANS = {
    fc: "your choice",
    _ga: "analytics: tells visitors apart",
    _fbp: "advertising: tells browsers apart",
  };

  function line(text, about) {
    const item = document.createElement("li");
    const name = document.createElement("strong");
    name.textContent = text;
    item.append(name, about ? ` ${about}` : "");
    return item;
  }

  function list(id, items, none) {
    const shown = items.length ? items : [line("", none)];
    document.getElementById(id).replaceChildren(...shown);
  }

  function update() {
    const cookies = document.cookie.split("; ").filter(Boolean).map((pair) => pair.split("=")[0]);
    list("watch-cookies", cookies.map((name) => line(name, MEANS[name] ?? "")), "none");
    list("watch-ran", ran.map(([what, purpose]) => line(what, purpose)), "nothing optional");
    const held = document.querySelectorAll(GATED).length;
    document.getElementById("watch-held").textContent = held === 0 ? "nothing" : `${held} of 5 parts of this page`;
    const receipt = window.consent?.receipt?.();
    const link = document.getElementById("watch-receipt");
    link.hidden = !receipt;
    if (receipt) link.href = `${document.getElementById("watch").dataset.service}/receipts/${receipt}`;
  }

  function forget() {
    for (const pair of document.cookie.split("; ")) document.cookie = `${pair.split("=")[0]}=; path=/; max-age=0`;
    localStorage.clear();
    location.reload();
  }

  document.addEventListener("DOMContentLoaded", () => {
    show = update;
    const frame = document.querySelector("iframe[data-purpose]");
    const loaded = () => frame.hasAttribute("src") && !ran.some(([what]) => what === FRAME) && window.demo.ran(FRAME, "content");
    frame.addEventListener("load", loaded);
    document.getElementById("watch-forget").addEventListener("click", forget);
    const later = () => setTimeout(show);
    for (const kind of ["change", "shown", "recorded"]) document.addEventListener(`consent:${kind}`, later);
    new MutationObserver(show).observe(document.querySelector("main"), { childList: true, subtree: true });
    setInterval(show, 1000);
    show();
  });
})();
