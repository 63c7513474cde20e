// SPDX-License-Identifier: Apache-2.0
// Dark or light: as the system prefers, or as chosen here and remembered in this browser.
import { useEffect, useState } from "preact/hooks";

export type Theme = "dark" | "light";
export type ThemeChoice = Theme | "auto";

const key = "inferometer.theme";
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  const stored = remembered(key);
  return stored === "dark" || stored === "light" ? stored : "auto";
}

export function theme(): Theme {
  const choice = themeChoice();
  return choice === "auto" ? (prefersDark.matches ? "dark" : "light") : choice;
}

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = theme();
  listeners.forEach((listener) => listener());
}

export function chooseTheme(choice: ThemeChoice): void {
  remember(key, choice === "auto" ? null : choice);
  applyTheme();
}

prefersDark.addEventListener("change", applyTheme);
window.addEventListener("storage", applyTheme); // chosen in another tab

function useFollowed<T>(read: () => T): T {
  const [now, setNow] = useState(read);
  useEffect(() => {
    const listener = () => setNow(read);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return now;
}

export const useTheme = () => useFollowed(theme);
export const useThemeChoice = () => useFollowed(themeChoice);

// What this browser remembers, where it lets us: a private window may refuse.
export function remembered(name: string): string | null {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}

// False where it was refused (full, or a private window).
export function remember(name: string, value: string | null): boolean {
  try {
    if (value === null) {
      window.localStorage.removeItem(name);
    } else {
      window.localStorage.setItem(name, value);
    }
    return true;
  } catch {
    return false;
  }
}
