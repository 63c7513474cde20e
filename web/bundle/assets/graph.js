import{u as r}from"./index.js";function h(){return r("h1",{children:"Graph"})}export{h as GraphPage};
