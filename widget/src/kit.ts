/**
 * What all layers need, sent once, with the first of them: elements, styles, and the making of a choice.
 */
export { act, flush } from "./act";
export { fill, link, make, makeRoot, makeStatus } from "./dom";
