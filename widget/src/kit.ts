/**
 * What all layers need, sent once, with the first of them: elements, styles, and the making of a choice.
 */
export { act, gives, keep } from "./act";
export { print } from "./choice";
export { fill, link, make, makeButton, makeRoot } from "./dom";
export { post } from "./post";
export { makeDecide, makePolicies, openSettings, useGround } from "./layers/ground";
