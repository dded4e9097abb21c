/** Icons of 16 by 16, drawn in the colour of the text around them. */
import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

const icon = (shape: string) => () => (
  <Icon>
    <path d={shape} />
  </Icon>
);

export const SearchIcon = icon("M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM11 11l3 3");
export const RefreshIcon = icon("M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 2v3h-3");
export const CloseIcon = icon("M4 4l8 8M12 4l-8 8");
export const PlusIcon = icon("M8 3v10M3 8h10");
export const ChevronDownIcon = icon("M4 6l4 4 4-4");
export const ChevronRightIcon = icon("M6 4l4 4-4 4");
export const ChevronUpIcon = icon("M4 10l4-4 4 4");
export const CopyIcon = icon("M6 6h7v7H6zM10 6V3H3v7h3");
export const CheckIcon = icon("M3 8.5l3.5 3.5L13 5");
export const DownloadIcon = icon("M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10");
export const UploadIcon = icon("M8 10.5V2M4.5 5.5L8 2l3.5 3.5M3 13.5h10");
export const ErrorIcon = icon("M8 1.8l6.5 11.7h-13zM8 6.2v3.3M8 11.6v.1");
export const InfoIcon = icon("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.2v3.6M8 5.1v.1");
export const SunIcon = icon(
  "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
);
export const MoonIcon = icon("M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z");
export const PlayIcon = icon("M5 3l8 5-8 5z");
export const PauseIcon = icon("M5 3v10M11 3v10");
export const LinkIcon = icon(
  "M6.5 9.5l3-3M7 5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.8 2.8 0 0 1-4-4L5 7",
);
export const SwapIcon = icon("M2.5 5.5h11M10.5 2.5l3 3-3 3M13.5 10.5h-11M5.5 7.5l-3 3 3 3");
export const LockIcon = icon("M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5");
export const MinusIcon = icon("M3 8h10");
export const FitIcon = icon("M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10");
