// Adds the podcast player some time after the page is there, as tag managers and chat tools do.
const PAUSE_MS = 300;

setTimeout(() => {
  const place = document.querySelector("[data-late-player]");
  if (!place) return;
  const player = document.createElement("iframe");
  player.src = "https://open.spotify.com/embed/episode/0EXAMPLE0EXAMPLE0EXAMP";
  player.height = "152";
  player.title = "Our podcast on Spotify";
  place.append(player);

  const film = document.createElement("iframe");
  film.src = "https://player.vimeo.com/video/76979871";
  film.height = "315";
  film.title = "The recording on Vimeo";
  place.append(film);

  const script = document.createElement("script");
  script.src = "https://player.vimeo.com/api/player.js";
  document.body.append(script);
}, PAUSE_MS);
