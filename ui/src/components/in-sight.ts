/** For parts of a long page that ask their questions when the user comes to them. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** How far below the window a part may be to be taken as in sight. */
const AHEAD = "200px";

/** Return what to give the part as its `ref`, and whether it was in sight yet. */
export function useInSight<T extends HTMLElement>(): [RefObject<T | null>, boolean] {
  const part = useRef<T>(null);
  const [isSeen, setSeen] = useState(false);

  useEffect(() => {
    const element = part.current;
    if (!element || isSeen) {
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => setSeen(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: AHEAD },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isSeen]);

  return [part, isSeen];
}
