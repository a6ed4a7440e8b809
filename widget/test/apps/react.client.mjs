import { StrictMode, createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { load } from "consent-page/react";
import { App } from "./react.tsx";

const root = hydrateRoot(document.getElementById("app"), createElement(StrictMode, null, createElement(App)));
window.unmount = () => root.unmount();

const { service: url, site } = document.documentElement.dataset;
if (url) for (const _ of "twice") load({ url, site });
