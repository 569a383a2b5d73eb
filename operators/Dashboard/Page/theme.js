// Dark or light: as the system has it, until somebody chooses.
import { make } from './dom.js';

const root = document.documentElement, button = document.getElementById('theme'), dark = matchMedia('(prefers-color-scheme: dark)'), place = 'capstan-dashboard-theme';

const isDark = () => (root.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';

function show() {
  const path = isDark() ? 'M13.500 9.600A6 6 0 1 1 6.400 2.500a4.800 4.800 0 0 0 7.100 7.100z' : 'M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1';
  button.replaceChildren(make('svg:svg', { viewBox: '0 0 16 16', 'aria-hidden': true }, make('svg:path', { d: path })));
  button.setAttribute('aria-pressed', isDark() ? 'true' : 'false');
}

export function toggleTheme() {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  localStorage.setItem(place, root.dataset.theme);
  show();
}

const chosen = localStorage.getItem(place);
if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;
button.addEventListener('click', toggleTheme);
dark.addEventListener('change', show);
show();
