import { useEffect, useState } from "preact/hooks";
import { messages } from "../text/messages";
import { Button, IconButton } from "./button";
import { CheckIcon, CopyIcon, ErrorIcon } from "./icons";

const text = messages({
  copy: { en: "Copy", ja: "コピー" },
  copied: { en: "Copied", ja: "コピーしました" },
  failed: {
    en: "The browser does not let this page copy",
    ja: "ブラウザーがコピーを許可していません",
  },
});

const SHOWN_MS = 1500;

interface Props {
  /** The text, or what makes it once it is wanted. */
  value: string | (() => string);
  /** What is copied, such as "Copy trace id"; with `children` it is a tip only. */
  label?: string;
  children?: string;
}

/** Copies a text, and says that it did. */
export function CopyButton({ value, label = text.copy, children }: Props) {
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);

  useEffect(() => {
    if (outcome) {
      const timer = window.setTimeout(() => setOutcome(null), SHOWN_MS);
      return () => window.clearTimeout(timer);
    }
  }, [outcome]);

  const copy = () =>
    // Only pages that came over TLS, or from this machine, have a clipboard.
    (
      navigator.clipboard?.writeText(typeof value === "string" ? value : value()) ??
      Promise.reject()
    ).then(
      () => setOutcome("copied"),
      () => setOutcome("failed"),
    );
  const Icon = outcome === "copied" ? CheckIcon : outcome === "failed" ? ErrorIcon : CopyIcon;
  const said = outcome ? text[outcome] : label;
  return (
    <>
      {children ? (
        <Button onClick={copy} title={said}>
          <Icon /> {children}
        </Button>
      ) : (
        <IconButton label={said} onClick={copy}>
          <Icon />
        </IconButton>
      )}
      <span class="visually-hidden" role="status">
        {outcome ? text[outcome] : ""}
      </span>
    </>
  );
}
