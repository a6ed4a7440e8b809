import { createSSRApp } from "vue";
import { load } from "consent-page/vue";
import { App } from "./vue.ts";

const app = createSSRApp(App);
app.mount(document.getElementById("app"));
window.unmount = () => app.unmount();

const { service: url, site } = document.documentElement.dataset;
if (url) for (const _ of "twice") load({ url, site });
