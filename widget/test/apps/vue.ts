/**
 * The same app in Vue, by render functions, as templates would need a compiler; the type checker reads it too.
 */
import { defineComponent, h, onBeforeUnmount, onMounted } from "vue";
import { Gate, openPreferences, useConsent } from "consent-page/vue";

/** Notes when it is mounted and unmounted. */
const Counted = defineComponent(
  ({ name }: { name: string }) => {
    onMounted(() => ran.push(`${name} on`));
    onBeforeUnmount(() => ran.push(`${name} off`));
    return () => h("p", { id: name }, name);
  },
  { props: ["name"] },
);

const counted = (name: string) => ({ default: () => [h(Counted, { name })] });

export const App = defineComponent(() => {
  const state = useConsent();
  return () =>
    h("main", [
      h("p", { id: "state" }, state.value ? JSON.stringify(state.value.purposes) : "nothing yet"),
      h(Gate, { purpose: "analytics" }, { ...counted("analytics"), fallback: () => [h("p", { id: "instead" }, "held back")] }),
      h(Gate, { purpose: "content", service: "youtube" }, counted("youtube")),
      h(Gate, { purpose: "unheard-of" }, counted("unheard-of")),
      h("button", { id: "open", onClick: openPreferences }, "Cookie settings"),
    ]);
});
