/** The token that head.js took out of the address bar; '' when there is none. */
declare global {
  interface Window {
    viveroToken?: string | null;
  }
}

export function token(): string {
  try {
    return sessionStorage.getItem('vivero.token') ?? window.viveroToken ?? '';
  } catch {
    return window.viveroToken ?? '';
  }
}
