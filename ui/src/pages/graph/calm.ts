/** Whether the user wants nothing to move. */
import { useEffect, useState } from "preact/hooks";

const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

export function useCalm(): boolean {
  const [isCalm, setCalm] = useState(reduced.matches);

  useEffect(() => {
    const look = () => setCalm(reduced.matches);
    reduced.addEventListener("change", look);
    return () => reduced.removeEventListener("change", look);
  }, []);
  return isCalm;
}
