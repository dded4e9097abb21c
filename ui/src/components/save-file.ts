/** Let the user keep a file that this page made. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has begun to read it once the click is over.
  window.setTimeout(() => URL.revokeObjectURL(link.href));
}

/** Return data as a file of JSON that people can read. */
export const jsonFile = (data: unknown) =>
  new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
