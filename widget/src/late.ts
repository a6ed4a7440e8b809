/**
 * What most pages never need, sent when they do: what follows a choice, and a choice made by the page itself.
 */
export { decide } from "./decide";
export { flush, settle } from "./settle";
