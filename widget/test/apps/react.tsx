/**
 * A small React app as a publisher writes it; the type checker reads it too.
 */
import { useEffect } from "react";
import { Gate, openPreferences, useConsent } from "consent-page/react";

/** Notes when it is mounted and unmounted. */
function Counted({ name }: { name: string }) {
  useEffect(() => {
    ran.push(`${name} on`);
    return () => void ran.push(`${name} off`);
  }, [name]);
  return <p id={name}>{name}</p>;
}

export function App() {
  const state = useConsent();
  return (
    <main>
      <p id="state">{state ? JSON.stringify(state.purposes) : "nothing yet"}</p>
      <Gate purpose="analytics" fallback={<p id="instead">held back</p>}>
        <Counted name="analytics" />
      </Gate>
      <Gate purpose="content" service="youtube">
        <Counted name="youtube" />
      </Gate>
      <Gate purpose="unheard-of">
        <Counted name="unheard-of" />
      </Gate>
      <button id="open" onClick={openPreferences}>
        Cookie settings
      </button>
    </main>
  );
}
