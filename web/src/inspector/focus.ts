/** Moves the keyboard's focus into the inspector, if it is open. */
export function focusInspector(): void {
  document.getElementById('inspector')?.focus();
}
