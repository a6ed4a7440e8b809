/**
 * The widget's state in Vue.
 *
 * Invariant: a server, and the first render in the browser, know of no choice, so that what is hydrated is what was sent.
 */
import { defineComponent, onBeforeUnmount, onMounted, shallowRef } from "vue";
import { permits, snapshot, watch } from "./index.js";

export { load, openPreferences } from "./index.js";

/** @type {typeof import("./vue.js").useConsent} */
export function useConsent() {
  /** @type {import("vue").ShallowRef<import("./index.js").ConsentState | null>} */
  const state = shallowRef(null);
  const look = () => void (state.value = snapshot());
  let stop = () => {};
  onMounted(() => {
    stop = watch(look);
    look();
  });
  onBeforeUnmount(() => stop());
  return state;
}

/** @type {typeof import("./vue.js").Gate} */
export const Gate = defineComponent(
  (props, { slots }) => {
    const state = useConsent();
    return () => (state.value && permits(props.purpose, props.service) ? slots.default?.() : slots.fallback?.());
  },
  { name: "Gate", props: ["purpose", "service"] },
);
