import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { App } from "./react.tsx";

export const html = async () => renderToString(createElement(App));
