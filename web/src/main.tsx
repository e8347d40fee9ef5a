import './theme.css';
import { options, render } from 'preact';
import { nextFrame } from './frame';
import { App } from './shell/App';
import { connect } from './state/connection';
import { store } from './state/store';
import { token } from './state/token';

// Rendering is part of the frame: many changes in one frame are drawn once, and a hidden tab draws nothing.
options.debounceRendering = nextFrame;

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');
render(<App />, root);

if (token() === '') store.status.value = 'refused';
else connect(store, { url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, token: token() });
