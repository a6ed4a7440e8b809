import * as ways from "consent-page";

window.ways = ways;
