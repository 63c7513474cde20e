import{u as o}from"./index.js";function n({uid:r}){return o("h1",{children:r})}export{n as DashboardPage};
