import { useSyncExternalStore } from "react";

type Theme = "dark" | "light";

const system = matchMedia("(prefers-color-scheme: light)");
const listeners = new Set<() => void>();

/** What the visitor chose on this site, else what their system says. */
const theme = (): Theme => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "dark" || chosen === "light") return chosen;
  return system.matches ? "light" : "dark";
};

function draw(): void {
  document.documentElement.dataset["theme"] = theme();
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

export const useTheme = (): Theme => useSyncExternalStore(subscribe, theme);

export function toggleTheme(): void {
  localStorage.setItem("theme", theme() === "light" ? "dark" : "light");
  draw();
}
