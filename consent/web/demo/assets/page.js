// The demo's own panel: shows which cookies this page has and which optional scripts ran. Not part of the service.
"use strict";
(() => {
  const panel = document.getElementById("watch");
  const service = panel.dataset.service;
  const ran = [];

  const GATED = 'script[type="text/plain"][data-purpose], template[data-purpose], iframe[data-purpose]:not([src])';
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

  function show() {
    const cookies = document.cookie.split("; ").filter(Boolean).map((pair) => pair.split("=")[0]);
    list("watch-cookies", cookies.map((name) => line(name, MEANS[name] ?? "")), "none");
    list("watch-ran", ran.map(([what, purpose]) => line(what, purpose)), "nothing optional");
    const held = document.querySelectorAll(GATED).length;
    document.getElementById("watch-held").textContent = held === 0 ? "nothing" : `${held} of 5 parts of this page`;
    const receipt = window.consent?.receipt?.();
    const link = document.getElementById("watch-receipt");
    link.hidden = !receipt;
    if (receipt) link.href = `${service}/receipts/${receipt}`;
  }

  window.demo = {
    ran(what, purpose) {
      ran.push([what, purpose]);
      show();
    },
  };

  function forget() {
    for (const pair of document.cookie.split("; ")) document.cookie = `${pair.split("=")[0]}=; path=/; max-age=0`;
    localStorage.clear();
    location.reload();
  }

  const frame = document.querySelector("iframe[data-purpose]");
  frame.addEventListener("load", () => frame.hasAttribute("src") && window.demo.ran("video frame", "content"));
  document.getElementById("watch-forget").addEventListener("click", forget);
  for (const kind of ["change", "shown", "recorded"]) document.addEventListener(`consent:${kind}`, () => setTimeout(show));
  new MutationObserver(show).observe(document.querySelector("main"), { childList: true, subtree: true });
  setInterval(show, 1000);
  show();
})();
