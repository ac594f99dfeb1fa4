import { useSyncExternalStore } from "react";

type Theme = "dark" | "light";

const system = matchMedia("(prefers-color-scheme: light)");
const listeners = new Set<() => void>();

/** What the visitor chose on this site, else what their system says. */
const wanted = (): Theme => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "dark" || chosen === "light") return chosen;
  return system.matches ? "light" : "dark";
};

// Kept, because who reads `system.matches` between a change and its event takes the event away from its listener.
let shown: Theme;

function draw(): void {
  shown = wanted();
  document.documentElement.dataset["theme"] = shown;
  for (const listener of listeners) listener();
}
draw();
system.addEventListener("change", draw);
// Another tab of the same visitor.
addEventListener("storage", ({ key }) => {
  if (key === "theme" || key === null) draw();
});

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => shown);

export function toggleTheme(): void {
  localStorage.setItem("theme", shown === "light" ? "dark" : "light");
  draw();
}
